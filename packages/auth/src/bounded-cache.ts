/** Answers that are remembered for a while: the oldest goes first when there is no room. */
import type { Clock } from '@hawser/std'

interface Entry<Value> {
  readonly value: Value
  readonly untilMs: number
}

export class BoundedCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #clock: Clock
  readonly #entriesMax: number

  constructor(clock: Clock, entriesMax: number) {
    this.#clock = clock
    this.#entriesMax = entriesMax
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry.untilMs > this.#clock.monotonicMs()) return entry.value
    this.#entries.delete(key)
    return undefined
  }

  set(key: string, value: Value, keepMs: number): void {
    if (keepMs <= 0 || this.#entriesMax <= 0) return
    this.#entries.delete(key)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < this.#entriesMax) break
      this.#entries.delete(oldest)
    }
    this.#entries.set(key, { value, untilMs: this.#clock.monotonicMs() + keepMs })
  }

  clear(): void {
    this.#entries.clear()
  }
}
