import type { Clock } from '@hawser/std'

const averagedOverMs = 5_000

/** Bytes a second, averaged over the last few seconds with falling weight. */
export class RateMeter {
  readonly #clock: Clock
  #perSecond = 0
  #atMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#atMs = clock.monotonicMs()
  }

  add(amount: number): void {
    this.#decay()
    this.#perSecond += (amount * 1000) / averagedOverMs
  }

  get perSecond(): number {
    this.#decay()
    return this.#perSecond
  }

  #decay(): void {
    const nowMs = this.#clock.monotonicMs()
    this.#perSecond *= Math.exp((this.#atMs - nowMs) / averagedOverMs)
    this.#atMs = nowMs
  }
}
