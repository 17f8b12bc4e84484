/**
 * The other brokers that can be talked to. A peer on the bus counts from its greeting on: before it has said that its
 * broker listens, it has no client and nothing that is sent to it is heard.
 */
import type { Bus, PeerId } from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'
import { decodeMessage, encodeMessage } from './encoding.ts'
import type { Outbox } from './outbox.ts'

const channel = 'greeting'
/** How long a start waits for those that are on the bus: one that starts as well may not listen yet. */
const greetingMsMax = milliseconds(2_000)

interface Greeting {
  /** `answer` answers a `hello`; after `goodbye` the broker does not listen any more. */
  readonly kind: 'hello' | 'answer' | 'goodbye'
}

export class Peers implements Disposable {
  readonly #bus: Bus
  readonly #clock: Clock
  readonly #outbox: Outbox
  readonly #present = new Set<PeerId>()
  /**
   * May hold what they cannot be asked for: those there before this broker, and silent since (frozen, with clients, until
   * they thaw or are killed); and those that have said goodbye, until they have left their lane to others.
   */
  readonly #unheard = new Set<PeerId>()
  #heardListeners: (() => void)[] = []
  readonly #cameListeners = new Set<(peer: PeerId) => void>()
  readonly #leftListeners = new Set<(peer: PeerId) => void>()
  readonly #resources = new DisposableStack()

  constructor(bus: Bus, clock: Clock, outbox: Outbox) {
    this.#bus = bus
    this.#clock = clock
    this.#outbox = outbox
    this.#resources.use(bus.subscribe(channel, (from, bytes) => this.#greeted(from, bytes)))
    this.#resources.use(
      bus.onPeers(({ kind, peer }) => {
        if (kind !== 'left') return
        this.#gone(peer)
        this.#heard(peer)
      }),
    )
  }

  get present(): ReadonlySet<PeerId> {
    return this.#present
  }

  /** Whether nobody is on the bus who cannot be asked. */
  get hasHeardAll(): boolean {
    return this.#unheard.size === 0
  }

  /** Resolves when all have answered, or left. */
  heardAll(): Promise<void> {
    if (this.hasHeardAll) return Promise.resolve()
    return new Promise((resolve) => this.#heardListeners.push(resolve))
  }

  /** What is sent to the peer during the call arrives before anything else that it is sent. */
  onCame(listener: (peer: PeerId) => void): void {
    this.#cameListeners.add(listener)
  }

  onLeft(listener: (peer: PeerId) => void): Disposable {
    this.#leftListeners.add(listener)
    return { [Symbol.dispose]: () => this.#leftListeners.delete(listener) }
  }

  /** This broker listens from now on; resolves when all that are there have answered, have left, or do not listen yet. */
  greet(): Promise<void> {
    const awaited = new Set(this.#bus.peers())
    for (const peer of awaited) {
      if (!this.#present.has(peer)) this.#unheard.add(peer)
      this.#send(peer, 'hello')
    }
    return new Promise((resolve) => {
      const settle = (): void => {
        if ([...awaited].some((peer) => !this.#present.has(peer) && this.#bus.peers().includes(peer))) return
        done()
      }
      const timer = this.#clock.after(greetingMsMax, () => done())
      const left = this.#bus.onPeers(settle)
      const done = (): void => {
        timer[Symbol.dispose]()
        left[Symbol.dispose]()
        this.#cameListeners.delete(settle)
        resolve()
      }
      this.#cameListeners.add(settle)
      settle()
    })
  }

  [Symbol.dispose](): void {
    for (const peer of this.#present) this.#send(peer, 'goodbye')
    this.#resources.dispose()
    this.#present.clear()
  }

  #greeted(from: PeerId, bytes: Buffer): void {
    const greeting = decodeMessage<Greeting>(bytes)
    if (greeting === undefined) return
    this.#heard(from)
    if (greeting.kind === 'goodbye') {
      this.#unheard.add(from)
      return this.#gone(from)
    }
    if (greeting.kind === 'hello') this.#send(from, 'answer')
    if (this.#present.has(from)) return
    this.#present.add(from)
    for (const listener of [...this.#cameListeners]) listener(from)
  }

  #heard(peer: PeerId): void {
    if (!this.#unheard.delete(peer) || this.#unheard.size > 0) return
    for (const listener of this.#heardListeners.splice(0)) listener()
  }

  #send(peer: PeerId, kind: Greeting['kind']): void {
    this.#outbox.send(peer, channel, encodeMessage({ kind } satisfies Greeting))
  }

  #gone(peer: PeerId): void {
    if (!this.#present.delete(peer)) return
    for (const listener of [...this.#leftListeners]) listener(peer)
  }
}
