/** Who is handed what has become durable, in any lane. */

import { disposable } from '@hawser/std'
import type { CommittedBatch } from '../log.ts'

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
