/**
 * The way of QoS 0 to one peer. What its full queue refuses waits here, and holds its publishers back as a full
 * receiver does; a peer that stays full is called slow and loses QoS 0, counted, until it has taken what waits.
 */
import type { Bus, PeerId } from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'
import type { Counters } from '../counters.ts'
import type { Limits } from '../limits/limits.ts'
import { Reading } from '../session/reading.ts'
import { partBytesMax, partsOf } from './live-frame.ts'

const channel = 'live'
const retryMs = milliseconds(2)

export interface OutletParts {
  readonly bus: Bus
  readonly clock: Clock
  readonly limits: Limits
  readonly counters: Counters
}

interface WaitingFrame {
  readonly bytes: Buffer
  readonly messages: number
}

export class LiveOutlet implements Disposable {
  readonly #parts: OutletParts
  readonly #peer: PeerId
  /** Nothing is read from it: it holds publishers. */
  readonly #reading: Reading
  #waiting: WaitingFrame[] = []
  #waitingBytes = 0
  #timer: Disposable | undefined

  constructor(parts: OutletParts, peer: PeerId) {
    this.#parts = parts
    this.#peer = peer
    this.#reading = new Reading({ pause: () => undefined, resume: () => undefined }, parts.clock)
  }

  /** `frame` is copied. */
  send(frame: Buffer, messages: number, publisher: Reading | undefined): void {
    const { bus, counters, limits } = this.#parts
    const isFree = this.#waiting.length === 0
    if (isFree && frame.length <= partBytesMax && bus.send(this.#peer, channel, frame)) {
      counters.publishesForwarded += messages
      return
    }
    // One that is large alone is taken where nothing else waits.
    if (this.#reading.slow || (!isFree && this.#waitingBytes + frame.length > limits.outputBytesMax)) {
      counters.dropped['slow-peer'] += messages
      return
    }
    const parts = partsOf(frame)
    for (const [index, bytes] of parts.entries()) {
      const isLast = index === parts.length - 1
      this.#waiting.push({ bytes: Buffer.from(bytes), messages: isLast ? messages : 0 })
      this.#waitingBytes += bytes.length
    }
    if (this.#sendWaiting()) return
    publisher?.holdFor(this.#reading)
    this.#timer ??= this.#parts.clock.after(retryMs, () => this.#tryAgain())
  }

  /** The peer has left: what waits for it is nobody's. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]()
    this.#reading.end()
    for (const { messages } of this.#waiting) this.#parts.counters.dropped['slow-peer'] += messages
    this.#waiting = []
  }

  /** As much as the queue takes; answers whether that was all. */
  #sendWaiting(): boolean {
    const { bus, counters } = this.#parts
    let sent = 0
    for (const { bytes, messages } of this.#waiting) {
      if (!bus.send(this.#peer, channel, bytes)) break
      counters.publishesForwarded += messages
      this.#waitingBytes -= bytes.length
      sent++
    }
    this.#waiting.splice(0, sent)
    return this.#waiting.length === 0
  }

  #tryAgain(): void {
    const { clock, limits } = this.#parts
    this.#timer = undefined
    if (this.#sendWaiting()) return this.#reading.drained(0)
    this.#timer = clock.after(retryMs, () => this.#tryAgain())
    const heldMs = clock.monotonicMs() - this.#reading.congestedSinceMs
    if (this.#reading.holdsPublishersBack && heldMs > limits.slowReceiverMsMax) this.#reading.callSlow()
  }
}
