/** One broker in a process of the simulated host, from its start to its end. */
import { type Broker, createBroker, type Limits, type Transport, type TransportHandler } from '@hawser/broker'
import type { SimulatedMember } from '@hawser/engine/simulated'
import { seededRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import type { BrokerEnd, Link } from './link.ts'
import type { Scheduler } from './scheduler.ts'

export interface ProcessOptions {
  readonly member: SimulatedMember
  readonly scheduler: Scheduler
  /** Processes of one history are counted. */
  readonly number: number
  readonly seed: number
  readonly limits: Partial<Limits>
  readonly wallMicros: number
  /** The monotonic clock of the host, and the boot that it counts from. */
  readonly monotonicMs: number
  readonly bootId: string
  /** It is one of several; else its broker is alone with the log. */
  readonly clustered: boolean
  /** Others are on hosts of their own. */
  readonly servers: boolean
  /** What the broker says to have gone wrong, or what stopped it. */
  readonly onFault: (message: string, error: unknown) => void
}

export class Process implements BrokerEnd {
  readonly member: SimulatedMember
  readonly number: number
  readonly clock: ManualClock
  readonly links = new Set<Link>()
  broker: Broker | undefined
  #stopping = false
  readonly #scheduler: Scheduler
  readonly #held: { readonly kind: string; readonly run: () => void }[] = []
  #frozenMs = 0
  /** Others have heard nothing of it for so long. */
  silentMs = 0
  isCut = false

  constructor(options: ProcessOptions) {
    const { member, clustered } = options
    this.member = member
    this.number = options.number
    this.#scheduler = options.scheduler
    const { monotonicMs, wallMicros, bootId } = options
    this.clock = new ManualClock(wallMicros - monotonicMs * 1_000)
    this.clock.advance(monotonicMs)
    // It exits, a little later.
    member.log.onStatus(({ kind }) => kind === 'failed' && this.enqueue('exit', () => this.crash()))
    createBroker({
      log: member.log,
      state: member.state,
      ...(clustered && { members: member.members }),
      clock: this.clock,
      bootId,
      hosts: options.servers ? 'many' : 'one',
      random: seededRandom(options.seed),
      listeners: [],
      limits: options.limits,
      systemTopicSeconds: 0,
      onFault: (message, error) => this.#running && options.onFault(message, error),
    }).then(
      (broker) => {
        this.broker = broker
      },
      (error: unknown) => {
        if (!this.#running) return
        options.onFault('start', error)
        // It exits.
        this.crash()
      },
    )
  }

  get alive(): boolean {
    return this.member.status !== 'dead'
  }
  get frozen(): boolean {
    return this.member.status === 'frozen'
  }
  get #running(): boolean {
    return this.alive && !this.#stopping
  }
  /** It takes clients. */
  get up(): boolean {
    return this.broker !== undefined && this.#running
  }

  enqueue(kind: string, run: () => void): void {
    this.#scheduler.add(kind, () => {
      if (!this.alive) return
      if (this.frozen) this.#held.push({ kind, run })
      else run()
    })
  }

  accept(transport: Transport): TransportHandler {
    if (this.broker === undefined) throw new RangeError('nobody listens yet')
    return this.broker.accept(transport)
  }

  timePasses(ms: number): void {
    this.silentMs = this.frozen || this.isCut ? this.silentMs + ms : 0
    if (this.frozen) this.#frozenMs += ms
    else this.clock.advance(ms)
  }

  cut(): void {
    this.isCut = true
    this.member.cut()
  }

  mend(): void {
    this.isCut = false
    this.member.mend()
  }

  /** To all others its connections are over, and so are its rights. */
  fence(nowMs: number): void {
    for (const link of this.links) link.closedAtMs ??= nowMs
    this.member.fence()
  }

  freeze(): void {
    this.member.freeze()
  }

  thaw(): void {
    this.member.thaw()
    for (const { kind, run } of this.#held.splice(0)) this.enqueue(kind, run)
    this.clock.advance(this.#frozenMs)
    this.#frozenMs = 0
  }

  crash(): void {
    this.member.crash()
    this.#cutLinks()
  }

  /** Ends it as an operator would; resolves when it is over. */
  async stop(): Promise<void> {
    this.#stopping = true
    try {
      await this.broker?.[Symbol.asyncDispose]()
      await this.member[Symbol.asyncDispose]()
    } catch (error) {
      // It may be killed on its way.
      if (!this.alive) return
      // It exits all the same.
      this.crash()
      throw error
    }
    this.#cutLinks()
  }

  #cutLinks(): void {
    for (const link of this.links) link.cut()
    this.links.clear()
  }
}
