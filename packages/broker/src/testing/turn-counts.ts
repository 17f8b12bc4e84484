/** How often something was done in each turn of the event loop. */
export class TurnCounts {
  readonly #counts: number[] = []
  #turn = 0
  #running = true

  constructor() {
    const next = (): void => {
      this.#turn++
      if (this.#running) setImmediate(next)
    }
    next()
  }

  count(): void {
    this.#counts[this.#turn] = (this.#counts[this.#turn] ?? 0) + 1
  }

  get highest(): number {
    return this.#counts.reduce((highest, count) => Math.max(highest, count), 0)
  }

  [Symbol.dispose](): void {
    this.#running = false
  }
}
