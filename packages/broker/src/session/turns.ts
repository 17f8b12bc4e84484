/** What concerns one client id happens one after the other. */
import type { ClientId } from '@hawser/std'

const atOnce = Promise.resolve()

export class Turns {
  readonly #turns = new Map<ClientId, Promise<unknown>>()

  has(clientId: ClientId): boolean {
    return this.#turns.has(clientId)
  }

  take<Result>(clientId: ClientId, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.#turns.get(clientId) ?? atOnce).then(work)
    const leave = (): void => {
      if (this.#turns.get(clientId) === settled) this.#turns.delete(clientId)
    }
    const settled = turn.then(leave, leave)
    this.#turns.set(clientId, settled)
    return turn
  }
}
