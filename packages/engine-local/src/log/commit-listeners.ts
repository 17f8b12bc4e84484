/** Who is handed what has become durable, in any lane. */
import type { CommittedBatch } from '@hawser/engine'
import { disposable } from '@hawser/std'

export class CommitListeners {
  readonly #listeners = new Set<(batch: CommittedBatch) => void>()

  get isEmpty(): boolean {
    return this.#listeners.size === 0
  }

  add(listener: (batch: CommittedBatch) => void): Disposable {
    this.#listeners.add(listener)
    return disposable(() => this.#listeners.delete(listener))
  }

  tell(batch: CommittedBatch): void {
    for (const listener of [...this.#listeners]) listener(batch)
  }

  clear(): void {
    this.#listeners.clear()
  }
}
