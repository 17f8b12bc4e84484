/** Messages and bytes a second over the last minutes, counted in slots of five seconds: no history per message. */
import type { Clock } from '@hawser/std'

const slotMs = 5_000
const longestMinutes = 5
const slotCount = (longestMinutes * 60_000) / slotMs
/** What came in the first moment is not taken for a rate. */
const spanMsMin = 1_000

export interface Rate {
  readonly messagesPerSecond: number
  readonly bytesPerSecond: number
}

export class RateWindow {
  readonly #clock: Clock
  readonly #startedAtMs: number
  readonly #messages = new Float64Array(slotCount)
  readonly #bytes = new Float64Array(slotCount)
  /** Counted from the start; its place is the remainder. */
  #slot = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAtMs = clock.monotonicMs()
  }

  add(messages: number, bytes: number): void {
    this.#advance()
    const place = this.#slot % slotCount
    this.#messages[place] = (this.#messages[place] ?? 0) + messages
    this.#bytes[place] = (this.#bytes[place] ?? 0) + bytes
  }

  /** Over the time since the start, while that is shorter. */
  over(minutes: 1 | typeof longestMinutes): Rate {
    const ageMs = this.#advance()
    const slots = (minutes * 60_000) / slotMs
    // The slot that still fills counts with the part of it that is over.
    const spanMs = Math.max(spanMsMin, Math.min(ageMs, (slots - 1) * slotMs + (ageMs % slotMs)))
    const perSecond = (counts: Float64Array): number => (this.#newest(counts, slots) * 1000) / spanMs
    return { messagesPerSecond: perSecond(this.#messages), bytesPerSecond: perSecond(this.#bytes) }
  }

  #newest(counts: Float64Array, slots: number): number {
    let sum = 0
    for (let back = 0; back < slots; back++) sum += counts[(this.#slot - back + slotCount) % slotCount] ?? 0
    return sum
  }

  /** Empties the slots that time has passed over; returns the age. */
  #advance(): number {
    const ageMs = this.#clock.monotonicMs() - this.#startedAtMs
    const slot = Math.floor(ageMs / slotMs)
    for (let next = Math.max(this.#slot + 1, slot - slotCount + 1); next <= slot; next++) {
      this.#messages[next % slotCount] = 0
      this.#bytes[next % slotCount] = 0
    }
    this.#slot = slot
    return ageMs
  }
}
