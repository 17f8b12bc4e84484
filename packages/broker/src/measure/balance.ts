/**
 * The sums that agree at any time, as data: what came in is what went on, was refused and waits; what was begun is what
 * was acknowledged, given up and is in flight. A sum that does not agree is a message that nobody can account for.
 */
import type { Accounts, ClassAccount, Intake, MessageClass } from './accounts.ts'

/** What has been counted, and what there is now. */
export interface AccountFigures {
  readonly accounts: Omit<Accounts, 'of' | 'intake'>
  readonly publishesReceived: readonly [number, number, number]
  readonly publishesSent: readonly [number, number, number]
  readonly publishesResent: number
  readonly publishesAcknowledged: number
  readonly recordsAppended: number
  /** By the log's own count. */
  readonly ticketsGiven: number
  /** Publishes that wait for their commit. */
  readonly underway: number
  /** Acknowledgements that wait for a commit. */
  readonly receiptsWaiting: number
  /** Of connected sessions. */
  readonly inflight: Readonly<Record<MessageClass, number>>
}

interface Equation {
  readonly name: string
  readonly sides: (figures: AccountFigures) => readonly [left: number, right: number]
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0)

const both = (of: (account: ClassAccount) => number, { memory, disk }: AccountFigures['accounts']): number =>
  of(memory) + of(disk)

const intake = (name: string, of: (accounts: AccountFigures['accounts']) => Intake, first: 0 | 1): Equation => ({
  name,
  sides: ({ accounts, publishesReceived: [live, once, exactly] }) => {
    const { taken, repeated, waiting, refused } = of(accounts)
    return [first === 0 ? live : once + exactly, taken + repeated + sum(refused) + waiting]
  },
})

const attempts = (name: MessageClass): Equation => ({
  name: `deliveries, ${name}: attempted = sent or begun + left in the log + handed or passed over + dropped`,
  sides: ({ accounts: { [name]: account } }) => {
    const { sent, begun, leftInLog, handedOver, passedOver, dropped } = account
    return [account.attempted, sent + begun + leftInLog + handedOver + passedOver + sum(dropped)]
  },
})

const inflight = (name: MessageClass): Equation => ({
  name: `deliveries, ${name}: begun + resumed = acknowledged + given up + returned + parted + in flight`,
  sides: ({ accounts: { [name]: account }, inflight: now }) => [
    account.begun + account.resumed,
    account.acknowledged + sum(account.abandoned) + account.returned + account.parted + now[name],
  ],
})

export const equations: readonly Equation[] = [
  intake('QoS 0: received = taken + refused + waiting', ({ intakeLive }) => intakeLive, 0),
  intake('QoS 1 and 2: received = appended + repeated + refused + waiting', ({ intakeLogged }) => intakeLogged, 1),
  {
    name: 'records: appended = tickets of the log',
    sides: ({ recordsAppended, ticketsGiven }) => [recordsAppended, ticketsGiven],
  },
  {
    name: 'publishes: appended = committed + waiting for their commit',
    sides: ({ accounts, underway }) => [
      both(({ appended }) => appended, accounts) + accounts.live.appended,
      both(({ committed }) => committed, accounts) + accounts.live.committed + underway,
    ],
  },
  {
    name: 'publishes, QoS 1 and 2: appended = of clients + of this process',
    sides: ({ accounts }) => [
      both(({ appended }) => appended, accounts),
      accounts.intakeLogged.taken + accounts.ownLogged,
    ],
  },
  {
    name: 'receipts: appended + repeated + dropped by a hook = acknowledged + missed + waiting',
    sides: ({ accounts, publishesAcknowledged, receiptsWaiting }) => [
      accounts.intakeLogged.taken + accounts.intakeLogged.repeated + accounts.acknowledgedDropped,
      publishesAcknowledged + accounts.receiptsMissed + receiptsWaiting,
    ],
  },
  attempts('live'),
  attempts('memory'),
  attempts('disk'),
  inflight('memory'),
  inflight('disk'),
  {
    name: 'PUBLISH packets at QoS 0: sent = sent by class',
    sides: ({ accounts, publishesSent: [live] }) => [live, both(({ sent }) => sent, accounts) + accounts.live.sent],
  },
  {
    name: 'PUBLISH packets at QoS 1 and 2: sent = begun + sent again - not sent',
    sides: ({ accounts, publishesSent: [, once, exactly], publishesResent }) => [
      once + exactly,
      both(({ begun }) => begun, accounts) + publishesResent - accounts.unsent - accounts.neverSent,
    ],
  },
]

export interface Imbalance {
  readonly equation: string
  readonly left: number
  readonly right: number
}

/** The sums that do not agree: none, unless something is not counted, or is lost. */
export function imbalances(figures: AccountFigures): readonly Imbalance[] {
  return equations.flatMap(({ name, sides }) => {
    const [left, right] = sides(figures)
    return left === right ? [] : [{ equation: name, left, right }]
  })
}
