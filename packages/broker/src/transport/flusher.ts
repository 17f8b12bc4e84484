/** Lever: one flush per event-loop turn. Outputs that gathered something are written once, after all reads of the turn. */
import type { Output } from './output.ts'

export class Flusher {
  #dirty: Output[] = []
  #spare: Output[] = []
  #scheduled = false
  readonly #flushAll = (): void => this.flush()

  add(output: Output): void {
    this.#dirty.push(output)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#flushAll)
  }

  flush(): void {
    const dirty = this.#dirty
    this.#dirty = this.#spare
    this.#scheduled = false
    for (const output of dirty) output.flush()
    dirty.length = 0
    this.#spare = dirty
  }
}
