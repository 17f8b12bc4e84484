/** So many pieces of work at once, so many that wait, and no more. */

export interface WorkLimits {
  readonly runningMax: number
  readonly waitingMax: number
}

export class WorkGate implements Disposable {
  readonly #limits: WorkLimits
  readonly #waiting: ((admitted: boolean) => void)[] = []
  #running = 0
  #closed = false

  constructor(limits: WorkLimits) {
    this.#limits = limits
  }

  /** Undefined where there is no room to wait, or the gate closed meanwhile. */
  async run<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    if (!(await this.#enter())) return undefined
    try {
      return await work()
    } finally {
      // The place is handed over, so that nobody slips in between.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next(true)
    }
  }

  /** Those who wait are sent away; what runs runs out. */
  [Symbol.dispose](): void {
    this.#closed = true
    for (const leave of this.#waiting.splice(0)) leave(false)
  }

  async #enter(): Promise<boolean> {
    if (this.#closed) return false
    if (this.#running < this.#limits.runningMax) {
      this.#running++
      return true
    }
    if (this.#waiting.length >= this.#limits.waitingMax) return false
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
