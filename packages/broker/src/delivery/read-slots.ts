/** Bounds how many read from the log at one time; who comes later waits for its turn. */
import type { Limits } from '../limits/limits.ts'

export class ReadSlots {
  readonly #limits: Pick<Limits, 'catchUpsMax'>
  #taken = 0
  readonly #waiting: (() => void)[] = []

  constructor(limits: Pick<Limits, 'catchUpsMax'>) {
    this.#limits = limits
  }

  async take(): Promise<Disposable> {
    if (this.#taken >= this.#limits.catchUpsMax) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#taken++
    return {
      [Symbol.dispose]: () => {
        const next = this.#waiting.shift()
        if (next === undefined) this.#taken--
        else next()
      },
    }
  }
}
