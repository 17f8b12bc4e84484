/** Everything that could happen next, and a seeded choice among it. */
import type { Random } from '@hawser/std'

interface Task {
  readonly kind: string
  readonly run: () => void
}

/** Some kinds are slower than others, differently for each seed: so what is rare in one run is common in another. */
const slowestShare = 0.005

export class Scheduler {
  readonly #random: Random
  readonly #ready: Task[] = []
  readonly #readiness = new Map<string, number>()
  /** Told of each task as it runs. */
  onRun: (kind: string) => void = () => {}

  constructor(random: Random) {
    this.#random = random
  }

  add(kind: string, run: () => void): void {
    this.#ready.push({ kind, run })
  }

  get idle(): boolean {
    return this.#ready.length === 0
  }

  /** Runs one task, and whatever it sets off in its own turn; answers whether there was one. */
  async runOne(): Promise<boolean> {
    await turnEnds()
    if (this.#ready.length === 0) return false
    const task = this.#choose()
    this.onRun(task.kind)
    task.run()
    await turnEnds()
    return true
  }

  #choose(): Task {
    for (;;) {
      const index = this.#random.integer(this.#ready.length)
      const task = this.#ready[index]
      const last = this.#ready[this.#ready.length - 1]
      if (task === undefined || last === undefined) throw new RangeError('there is nothing to do')
      if (this.#random.next() > this.#readinessOf(task.kind)) continue
      this.#ready[index] = last
      this.#ready.pop()
      return task
    }
  }

  #readinessOf(kind: string): number {
    let readiness = this.#readiness.get(kind)
    if (readiness === undefined) {
      readiness = Math.max(slowestShare, this.#random.next() ** 3)
      this.#readiness.set(kind, readiness)
    }
    return readiness
  }
}

/** Promises have been settled, and what the broker gathers in a turn has gone out. */
const turnEnds = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
