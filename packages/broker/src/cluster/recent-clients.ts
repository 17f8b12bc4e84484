/**
 * Which clients were here lately, and up to where their publishes may stand in the own lane: who comes to another
 * process has its order kept by a barrier there. Of those that are forgotten one position is kept for all.
 */
import type { Position } from '@hawser/engine'
import type { ClientId } from '@hawser/std'

/** Client ids; past it the oldest is forgotten. */
export const recentClientsMax = 100_000

export class RecentClients {
  readonly #ends = new Map<ClientId, Position | undefined>()
  /** All that have been forgotten published below it. */
  #forgottenBelow: Position
  readonly #max: number

  /** `start`: the end of the lane when this process began with it; what was before, nobody remembers. */
  constructor(start: Position, max = recentClientsMax) {
    this.#forgottenBelow = start
    this.#max = max
  }

  /** Its connection has ended; `end` undefined: what it has appended is not committed yet. */
  left(clientId: ClientId, end: Position | undefined): void {
    this.#ends.delete(clientId)
    this.#ends.set(clientId, end)
    if (end === undefined || this.#ends.size <= this.#max) return
    for (const [oldest, at] of this.#ends) {
      if (at === undefined) continue
      this.#ends.delete(oldest)
      if (at > this.#forgottenBelow) this.#forgottenBelow = at
      return
    }
  }

  /** What the client has published lies below; undefined while it waits for its commit. */
  below(clientId: ClientId): Position | undefined {
    return this.#ends.has(clientId) ? this.#ends.get(clientId) : this.#forgottenBelow
  }
}
