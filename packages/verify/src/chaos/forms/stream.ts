/** A publisher and its receivers with durable sessions: QoS 1, QoS 2, a receiver that is away meanwhile, a shared group. */
import { HawserError, milliseconds } from '@hawser/std'
import { Publisher } from '../clients/publisher.ts'
import { type RoamingClient, roam } from '../clients/roaming.ts'
import { waitUntil, within } from '../clients/wait-until.ts'
import { type Balance, balanceStream, isEven, type StreamRules } from '../ledger/balance.ts'
import type { FormName, FormSurroundings, OpenForm, OpenTheForm } from './form.ts'

/** Before the first fault all is well. */
export const connectMsMax = milliseconds(20_000)

interface StreamSettings {
  readonly name: FormName
  readonly qos: 1 | 2
  readonly receivers: number
  readonly shared?: boolean
  /** The first receiver leaves before the fault and comes back behind it. */
  readonly away?: boolean
}

interface Receiver {
  readonly client: RoamingClient
  readonly name: string
  readonly numbers: number[]
  /** How many there were when the round began. */
  before: number
  /** When the first came that was handed over behind the fault. */
  recoveredAtMs: number | undefined
}

export const openStream =
  (settings: StreamSettings): OpenTheForm =>
  async (surroundings) => {
    await using stack = new AsyncDisposableStack()
    const { reach, prefix, clock, ratePerSecond, entries, signal } = surroundings
    const topic = `${prefix}/${settings.name}`
    const ready = (work: Promise<unknown>, whose: string) =>
      within(clock, connectMsMax, signal, work, () => notIn(whose, connectMsMax))
    const receivers: Receiver[] = []
    for (let index = 0; index < settings.receivers; index++) {
      const name = `receiver-${index}`
      const client = stack.use(
        roam(reach, { clientId: `${prefix}-${settings.name}-${name}`, first: index, version: 5 }),
      )
      const filter = settings.shared ? `$share/${settings.name}/${topic}` : topic
      await ready(client.mqtt.subscribeAsync(filter, { qos: settings.qos }), client.mqtt.options.clientId ?? '')
      receivers.push({ client, name, numbers: [], before: 0, recoveredAtMs: undefined })
    }
    // 3.1.1: the client takes the 0x92 of a PUBREL that is repeated for an error.
    const client = stack.use(
      roam(reach, { clientId: `${prefix}-${settings.name}-publisher`, first: settings.receivers, version: 4 }),
    )
    await ready(client.connected(), 'the publisher')
    const publisher = stack.use(
      new Publisher(client, clock, { topicOf: () => topic, qos: settings.qos, retain: false, ratePerSecond, entries }),
    )
    return new Stream(settings, surroundings, publisher, receivers, stack.move())
  }

export const notIn = (whose: string, afterMs: number): HawserError =>
  new HawserError('BROKER_UNREACHABLE', `${whose} could not connect and subscribe within ${afterMs / 1000} s`, {
    mend: 'look whether the brokers answer and let anyone in, or give --username and --password',
  })

class Stream implements OpenForm {
  readonly #settings: StreamSettings
  readonly #surroundings: FormSurroundings
  readonly #publisher: Publisher
  readonly #receivers: readonly Receiver[]
  readonly #owned: AsyncDisposableStack
  readonly #rules: StreamRules
  #from = 0
  #mark = Number.POSITIVE_INFINITY
  #faultAtMs = 0
  #lossesBefore = 0
  #isAway = false

  constructor(
    settings: StreamSettings,
    surroundings: FormSurroundings,
    publisher: Publisher,
    receivers: readonly Receiver[],
    owned: AsyncDisposableStack,
  ) {
    this.#settings = settings
    this.#surroundings = surroundings
    this.#publisher = publisher
    this.#receivers = receivers
    this.#owned = owned
    const shared = settings.shared ?? false
    this.#rules = { once: settings.qos === 2, ordered: !shared, shared }
    for (const receiver of receivers) {
      receiver.client.mqtt.on('message', (_topic, payload) => this.#receive(receiver, Number(`${payload}`)))
    }
  }

  async begin(): Promise<void> {
    this.#from = this.#publisher.next
    this.#mark = Number.POSITIVE_INFINITY
    for (const receiver of this.#receivers) {
      receiver.before = receiver.numbers.length
      receiver.recoveredAtMs = undefined
    }
    this.#publisher.start()
    if (this.#settings.away) {
      this.#isAway = true
      this.#receivers[0]?.client.leave()
    }
  }

  fault(): void {
    this.#lossesBefore = this.#losses()
    this.#mark = this.#publisher.next
    this.#faultAtMs = this.#surroundings.clock.monotonicMs()
  }

  recovered(): boolean {
    // It was broken and mended: now it is time for whoever was away.
    if (this.#settings.away && this.#isAway) this.#comeBack()
    return this.#recoveryMs() !== undefined
  }

  async end() {
    const { clock, settleMsMax, signal } = this.#surroundings
    if (this.#isAway) this.#comeBack()
    this.#publisher.stop()
    await waitUntil(clock, settleMsMax, signal, () => this.#publisher.waiting === 0)
    await waitUntil(clock, settleMsMax, signal, () => this.#balance('round').counts.lost === 0)
    const { acknowledged, unknown } = this.#publisher.book('round')
    return {
      balance: this.#balance('round'),
      acknowledged: acknowledged.length,
      unknown: unknown.length,
      recoveryMs: this.#recoveryMs(),
      hit: this.#settings.away === true || this.#losses() > this.#lossesBefore,
      silenceMs: this.#publisher.longestSilenceMs,
    }
  }

  async whole(): Promise<Balance> {
    const { clock, settleMsMax, signal } = this.#surroundings
    // What is still under way comes ahead of this one.
    const last = this.#publisher.next
    this.#publisher.handOver()
    const cameTo = ({ numbers }: Receiver): boolean => numbers.at(-1) === last || numbers.includes(last, -50)
    const here = (): boolean => (this.#settings.shared ? this.#receivers.some(cameTo) : this.#receivers.every(cameTo))
    if (isEven(this.#balance('all'))) await waitUntil(clock, settleMsMax, signal, here)
    return this.#balance('all')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync()
  }

  #losses(): number {
    return this.#receivers.reduce((sum, { client }) => sum + client.losses, this.#publisher.losses)
  }

  /** For whoever was away time begins now. */
  #comeBack(): void {
    this.#isAway = false
    this.#faultAtMs = this.#surroundings.clock.monotonicMs()
    for (const { client } of this.#receivers) client.comeBack()
  }

  #receive(receiver: Receiver, number: number): void {
    receiver.numbers.push(number)
    this.#surroundings.entries.left--
    if (number >= this.#mark) receiver.recoveredAtMs ??= this.#surroundings.clock.monotonicMs()
  }

  #balance(of: 'all' | 'round'): Balance {
    const receipts = this.#receivers.map(({ name, numbers, before }) => {
      const own = of === 'all' ? numbers : numbers.slice(before).filter((number) => number >= this.#from)
      return [name, own] as const
    })
    return balanceStream(this.#publisher.book(of), new Map(receipts), this.#rules)
  }

  /** Of the last receiver, or of a group's first. */
  #recoveryMs(): number | undefined {
    const times = this.#receivers.map(({ recoveredAtMs }) => recoveredAtMs ?? Number.POSITIVE_INFINITY)
    const atMs = this.#settings.shared ? Math.min(...times) : Math.max(...times)
    return Number.isFinite(atMs) ? atMs - this.#faultAtMs : undefined
  }
}
