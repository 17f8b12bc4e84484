/** When each row is due: the recording's own pace, so many times faster. A step back in time costs none. */
import { type Clock, type EpochMicros, type Milliseconds, milliseconds } from '@hawser/std'

export class Pace {
  readonly #clock: Clock
  readonly #speed: number
  #before: { readonly at: EpochMicros; readonly dueMs: number } | undefined

  constructor(clock: Clock, speed: number) {
    this.#clock = clock
    this.#speed = speed
  }

  /** How long to wait with the row of this time; each row is asked for once, in order. */
  delay(at: EpochMicros): Milliseconds {
    const nowMs = this.#clock.monotonicMs()
    const stepMs = this.#before === undefined ? 0 : Math.max(0, at - this.#before.at) / 1000 / this.#speed
    const dueMs = (this.#before?.dueMs ?? nowMs) + stepMs
    this.#before = { at, dueMs }
    return milliseconds(Math.max(0, dueMs - nowMs))
  }
}
