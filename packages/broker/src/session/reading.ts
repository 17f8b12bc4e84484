/** Whether a connection is read from now, and who is not read from because of it: back-pressure in both directions. */
import type { Clock } from '@hawser/std'
import type { Transport } from '../transport/transport.ts'
import { type PauseCause, pauseCause } from './pause-cause.ts'

export class Reading {
  readonly #transport: Transport
  readonly #clock: Clock
  /** When the last read ended that brought a whole packet: half a packet keeps nobody alive. */
  lastPacketMs: number
  /** It has been full for so long that it now loses QoS 0 instead of holding publishers back. */
  slow = false
  congestedSinceMs = 0
  #paused = 0
  /** Those of its causes for which nothing behind the packet at hand is looked at. */
  #holds = 0
  #over = false
  /** Publishers that wait for this connection to drain. */
  #waiters: Set<Reading> | undefined

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport
    this.#clock = clock
    this.lastPacketMs = clock.monotonicMs()
  }

  get paused(): boolean {
    return this.#paused !== 0
  }

  get holdsPublishersBack(): boolean {
    return this.#waiters !== undefined
  }

  gotPacket(): void {
    this.lastPacketMs = this.#clock.monotonicMs()
  }

  /** Stops reading from the peer for a cause; the transport goes on when no cause is left. */
  pause(cause: PauseCause): void {
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
    this.#holds |= cause
    this.pause(cause)
  }

  /** Answers whether what was held back may be looked at. */
  release(cause: PauseCause): boolean {
    this.#holds &= ~cause
    this.resume(cause)
    return this.#holds === 0
  }

  /** What this connection publishes fills `receiver`: do not read more until it drains. */
  holdFor(receiver: Reading): void {
    if (receiver === this) return
    if (receiver.#waiters === undefined) {
      receiver.congestedSinceMs = this.#clock.monotonicMs()
      receiver.#waiters = new Set()
    }
    receiver.#waiters.add(this)
    this.pause(pauseCause.receiver)
  }

  /** From now on it loses QoS 0; those it held back go on. */
  callSlow(): void {
    this.slow = true
    this.#releaseWaiters()
  }

  drained(): void {
    this.slow = false
    this.#releaseWaiters()
    this.resume(pauseCause.output)
  }

  /** The connection is over: nobody waits for it any more. */
  end(): void {
    this.#over = true
    this.#releaseWaiters()
  }

  #releaseWaiters(): void {
    const waiters = this.#waiters
    this.#waiters = undefined
    for (const waiter of waiters ?? []) waiter.resume(pauseCause.receiver)
  }
}
