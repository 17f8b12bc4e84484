/** Commits of a memory log that wait while a test says so: what needs them has then not happened yet. */
export class HeldCommits {
  readonly #flushes: (() => void)[] = []
  #holds = false

  /** For the log's `schedule`. */
  readonly schedule = (flush: () => void): void => {
    if (this.#holds) this.#flushes.push(flush)
    else setImmediate(flush)
  }

  hold(): void {
    this.#holds = true
  }

  /** What waits now is committed; what this leads to waits. */
  step(): void {
    for (const flush of this.#flushes.splice(0)) flush()
  }

  release(): void {
    this.#holds = false
    this.step()
  }
}
