/** Exponential backoff with jitter: a broker that comes back is not met by all its clients at once. */
import { type Milliseconds, milliseconds, type Random } from '@hawser/std'

export interface BackoffLimits {
  readonly firstMs: number
  readonly mostMs: number
}

export const backoffDefaults: BackoffLimits = { firstMs: 250, mostMs: 30_000 }

export class Backoff {
  readonly #limits: BackoffLimits
  readonly #random: Random
  #attempts = 0

  constructor(random: Random, limits: BackoffLimits = backoffDefaults) {
    this.#random = random
    this.#limits = limits
  }

  /** How long to wait before the next attempt: each time about twice as long as the time before. */
  next(): Milliseconds {
    const full = Math.min(this.#limits.mostMs, this.#limits.firstMs * 2 ** this.#attempts)
    this.#attempts += 1
    return milliseconds(Math.ceil(full * (0.5 + this.#random.next() / 2)))
  }

  reset(): void {
    this.#attempts = 0
  }
}
