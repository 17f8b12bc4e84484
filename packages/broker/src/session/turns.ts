/** What concerns one client id happens one after the other. */
import type { ClientId } from '@hawser/std'

export class Turns {
  readonly #turns = new Map<ClientId, Promise<unknown>>()

  has(clientId: ClientId): boolean {
    return this.#turns.has(clientId)
  }

  take<Result>(clientId: ClientId, work: () => Promise<Result>): Promise<Result> {
    const before = this.#turns.get(clientId) ?? Promise.resolve()
    const turn = before.then(work)
    const settled = turn.catch(() => undefined)
    this.#turns.set(clientId, settled)
    void settled.then(() => {
      if (this.#turns.get(clientId) === settled) this.#turns.delete(clientId)
    })
    return turn
  }
}
