/** Who waits until this process has been handed all up to certain ends of partitions. */
import type { Cursor, Partition, Position } from '@hawser/engine'

interface Waiting {
  readonly ends: Cursor
  readonly resolve: () => void
}

export class Reached {
  readonly #ends: ReadonlyMap<Partition, Position>
  #waiting: Waiting[] = []

  constructor(ends: ReadonlyMap<Partition, Position>) {
    this.#ends = ends
  }

  /** `signal`: nobody waits any more; then it does not resolve. */
  wait(ends: Cursor, signal?: AbortSignal): Promise<void> {
    if (this.#has(ends)) return Promise.resolve()
    return new Promise((resolve) => {
      const waiting = { ends, resolve }
      this.#waiting.push(waiting)
      const forget = (): void => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting)
      }
      signal?.addEventListener('abort', forget, { once: true })
    })
  }

  /** After each batch. */
  look(): void {
    if (this.#waiting.length === 0) return
    this.#waiting = this.#waiting.filter(({ ends, resolve }) => {
      if (!this.#has(ends)) return true
      resolve()
      return false
    })
  }

  #has(ends: Cursor): boolean {
    for (const [partition, end] of ends) if ((this.#ends.get(partition) ?? 0) < end) return false
    return true
  }
}
