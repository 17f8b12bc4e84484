/** Which lanes have no living owner, and wait for somebody to take over what was left in them. */

import { disposable } from '@hawser/std'
import type { Partition } from '../log.ts'

export class Orphans {
  readonly #lanes = new Set<Partition>()
  readonly #listeners = new Set<() => void>()

  get all(): readonly Partition[] {
    return [...this.#lanes]
  }

  has(lane: Partition): boolean {
    return this.#lanes.has(lane)
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return disposable(() => this.#listeners.delete(listener))
  }

  add(lane: Partition): void {
    if (this.#lanes.has(lane)) return
    this.#lanes.add(lane)
    this.tell()
  }

  delete(lane: Partition): void {
    if (this.#lanes.delete(lane)) this.tell()
  }

  /** Also where an adoption was given up, so that others try. */
  tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
