/** Clients that connect again and again: a client id that comes too often within a window is banned for a while. */
import type { Clock } from '@hawser/std'
import type { Limits } from '../limits/limits.ts'

/** Client ids that are watched; past it the one that came first is forgotten. */
const watchedMax = 100_000

interface Watched {
  readonly sinceMs: number
  connects: number
}

export class Flapping {
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #watched = new Map<string, Watched>()

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** A client has come in; answers whether it does so too often. */
  connected(clientId: string): boolean {
    const { flappingConnectsMax, flappingWindowMs } = this.#limits
    if (flappingConnectsMax === 0) return false
    const nowMs = this.#clock.monotonicMs()
    const known = this.#watched.get(clientId)
    if (known !== undefined && nowMs - known.sinceMs < flappingWindowMs) {
      if (++known.connects <= flappingConnectsMax) return false
      this.#watched.delete(clientId)
      return true
    }
    this.#watched.delete(clientId)
    if (this.#watched.size >= watchedMax) {
      const [oldest = ''] = this.#watched.keys()
      this.#watched.delete(oldest)
    }
    this.#watched.set(clientId, { sinceMs: nowMs, connects: 1 })
    return false
  }
}
