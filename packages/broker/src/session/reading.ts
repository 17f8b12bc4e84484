/** Whether a connection is read from now, and who is not read from because of it: back-pressure in both directions. */
import { type Clock, milliseconds } from '@hawser/std'
import type { Transport } from '../transport/transport.ts'
import { type PauseCause, pauseCause } from './pause-cause.ts'

/** Whoever was sent more has read some of it: the system's buffers do not take as much. */
const buffersBytesMax = 16 * 1_048_576
/** How long a publisher that waited in vain waits only shortly for whoever has not been seen to read. */
const vainMsMax = 60_000
const shortPatienceMs = milliseconds(100)

/** What is read from. */
export type Readable = Pick<Transport, 'pause' | 'resume'>

export class Reading {
  readonly #transport: Readable
  readonly #clock: Clock
  /** When the last read ended that brought a whole packet: half a packet keeps nobody alive. */
  lastPacketMs: number
  /** It has been full for so long that it now loses QoS 0 instead of holding publishers back. */
  slow = false
  congestedSinceMs = 0
  /** It was full, and has been seen to read. */
  #reads = false
  /** Ends a shorter wait of those who waited in vain before. */
  #patience: Disposable | undefined
  /** When somebody it waited for was called slow. */
  #vainMs = Number.NEGATIVE_INFINITY
  #paused = 0
  /** Those of its causes for which nothing behind the packet at hand is looked at. */
  #holds = 0
  #over = false
  /** Publishers that wait for this connection to drain. */
  #waiters: Set<Reading> | undefined

  constructor(transport: Readable, clock: Clock) {
    this.#transport = transport
    this.#clock = clock
    this.lastPacketMs = clock.monotonicMs()
  }

  get paused(): boolean {
    return this.#paused !== 0 || this.#holds !== 0
  }

  get holdsPublishersBack(): boolean {
    return this.#waiters !== undefined
  }

  gotPacket(): void {
    this.lastPacketMs = this.#clock.monotonicMs()
  }

  /** Stops reading from the peer for a cause; the transport goes on when no cause is left. */
  pause(cause: number): void {
    if (this.#paused === 0) this.#transport.pause()
    this.#paused |= cause
  }

  resume(cause: PauseCause): void {
    if ((this.#paused & cause) === 0) return
    this.#paused &= ~cause
    if (this.#paused !== 0 || this.#over) return
    // Who was not listened to is not blamed for its silence.
    this.lastPacketMs = this.#clock.monotonicMs()
    this.#transport.resume()
  }

  hold(cause: PauseCause): void {
    this.holdBack(cause)
    this.pause(cause)
  }

  /** For who waits for an answer, mostly: reading stops only where more comes. */
  holdBack(cause: PauseCause): void {
    this.#holds |= cause
  }

  gotBytes(): void {
    if (this.#holds !== 0) this.pause(this.#holds)
  }

  /** Answers whether what was held back may be looked at. */
  release(cause: PauseCause): boolean {
    this.#holds &= ~cause
    this.gotPacket()
    this.resume(cause)
    return this.#holds === 0
  }

  /**
   * What this connection publishes fills `receiver`: do not read more until it drains. Of many that read nothing, one
   * after the other, only the first is waited for at length.
   */
  holdFor(receiver: Reading): void {
    if (receiver === this) return
    if (receiver.#waiters === undefined) {
      receiver.congestedSinceMs = this.#clock.monotonicMs()
      receiver.#waiters = new Set()
      if (!receiver.#reads && receiver.congestedSinceMs - this.#vainMs < vainMsMax) {
        receiver.#patience = this.#clock.after(shortPatienceMs, () => receiver.callSlow())
      }
    }
    receiver.#waiters.add(this)
    this.pause(pauseCause.receiver)
  }

  /** From now on it loses QoS 0; those it held back go on. */
  callSlow(): void {
    this.slow = true
    const nowMs = this.#clock.monotonicMs()
    for (const waiter of this.#waiters ?? []) waiter.#vainMs = nowMs
    this.#releaseWaiters()
  }

  drained(sentBytes: number): void {
    this.slow = false
    this.#reads = sentBytes > buffersBytesMax
    this.#releaseWaiters()
    this.resume(pauseCause.output)
  }

  /** The connection is over: nobody waits for it any more. */
  end(): void {
    this.#over = true
    this.#releaseWaiters()
  }

  #releaseWaiters(): void {
    this.#patience?.[Symbol.dispose]()
    this.#patience = undefined
    const waiters = this.#waiters
    this.#waiters = undefined
    for (const waiter of waiters ?? []) waiter.resume(pauseCause.receiver)
  }
}
