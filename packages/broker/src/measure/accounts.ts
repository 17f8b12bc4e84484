/**
 * What became of each message, by its class: figures that are counted apart from each other where things happen, so
 * that their sums can be held against each other (`balance.ts`). An addition or two for each message and receiver.
 */
import { type Durability, type Partition, volatilePartition } from '@hawser/engine'
import { type DropReason, dropReasons } from './drop-reasons.ts'
import { noneYet } from './none-yet.ts'

/** QoS 0 goes live; QoS 1 and 2 through the log, at the durability of their topic. */
export const messageClasses = ['live', 'memory', 'disk'] as const satisfies readonly ('live' | Durability)[]
export type MessageClass = (typeof messageClasses)[number]

/** Why a publish that a client sent went no further. */
export const publishRefusals = [
  'hook',
  'payload-too-large',
  'log-refused',
  'not-authorized',
  'retained-limit',
  /** Its payload is not what it says, or its packet id is in use. */
  'invalid',
  /** It broke the protocol, or a limit that ends the connection. */
  'protocol-fault',
  /** While somebody was asked whether its client may publish it. */
  'connection-ended',
] as const
export type PublishRefusal = (typeof publishRefusals)[number]

/** PUBLISH packets of clients, at QoS 0 or above it: before the topic is looked at nobody knows their class. */
export class Intake {
  /** Handed to its receivers at QoS 0, appended above it. */
  taken = 0
  /** QoS 2 publishes that came again: acknowledged, not appended again. */
  repeated = 0
  /** Now, for an answer whether the client may publish it. */
  waiting = 0
  readonly refused = noneYet(publishRefusals)
}

/** Records, and deliveries: one for each receiver of a message, each time it is tried. */
export class ClassAccount {
  /** Publishes of clients, of this process, and wills. */
  appended = 0
  /** Own records that are durable. */
  committed = 0
  attempted = 0
  /** At QoS 0: nothing more is heard of it. */
  sent = 0
  /** At QoS 1 or 2: given a packet id. */
  begun = 0
  /** Its receiver is full or behind, or its log takes nothing: it is tried again from there. */
  leftInLog = 0
  /** To a member of a shared subscription in another process. */
  handedOver = 0
  /** Its receiver has gone, or takes nothing of its own. */
  passedOver = 0
  readonly dropped = noneYet(dropReasons)
  /** Begun on an earlier connection, or in another process, and gone on with. */
  resumed = 0
  acknowledged = 0
  /** Shares that went back to their group. */
  returned = 0
  /** In flight when the connection ended: with the session now. */
  parted = 0
  /** Begun, and given up. */
  readonly abandoned = noneYet(dropReasons)

  /** What became of an attempt at QoS 0. */
  outcome(reason: DropReason | undefined): void {
    if (reason === undefined) this.sent++
    else this.dropped[reason]++
  }
}

export class Accounts {
  readonly live = new ClassAccount()
  readonly memory = new ClassAccount()
  readonly disk = new ClassAccount()
  /** QoS 0, and QoS 1 and 2. */
  readonly intakeLive = new Intake()
  readonly intakeLogged = new Intake()
  /** Publishes at QoS 1 and 2 that no client sent: wills, and those of this process. */
  ownLogged = 0
  /** QoS 1 and 2 publishes that an embedding program dropped: acknowledged all the same. */
  acknowledgedDropped = 0
  /** Acknowledgements of publishes whose connection had ended by then. */
  receiptsMissed = 0
  /** QoS 2 deliveries whose packet waits for its `assigned` record. */
  unsent = 0
  /** Those whose connection had ended by then. */
  neverSent = 0
  readonly #ofLog: ClassAccount

  constructor(durability: Durability) {
    this.#ofLog = this[durability]
  }

  /** The account of messages that stand in a partition of the log. */
  of(partition: Partition): ClassAccount {
    return partition === volatilePartition ? this.memory : this.#ofLog
  }

  intake(qos: 0 | 1 | 2): Intake {
    return qos === 0 ? this.intakeLive : this.intakeLogged
  }
}
