/** What a process and its descendants hold in memory, once a second. */
import { readFileSync } from 'node:fs'
import { milliseconds, sleep, systemClock } from '@hawser/std'
import { childrenOf } from '../support/hawser-process.ts'

const everyMs = milliseconds(1_000)
const residentPages = 1
const pageBytes = 4_096

export class MemorySamples implements Disposable {
  readonly megabytes: number[] = []
  readonly #pid: () => number
  #isOver = false

  /** `pid` may change: a process that was killed comes back as another. */
  constructor(pid: () => number) {
    this.#pid = pid
  }

  async take(): Promise<void> {
    while (!this.#isOver) {
      const bytes = treeOf(this.#pid()).reduce((sum, one) => sum + residentBytes(one), 0)
      if (bytes > 0) this.megabytes.push(Math.round(bytes / 2 ** 20))
      await sleep(systemClock, everyMs)
    }
  }

  get most(): number {
    return Math.max(0, ...this.megabytes)
  }

  /** How much more it is in the last quarter than it was in the second: what grows without end grows there. */
  get growth(): number {
    const quarter = Math.floor(this.megabytes.length / 4)
    const middle = (from: number): number =>
      this.megabytes.slice(from, from + quarter).sort((a, b) => a - b)[quarter >> 1] ?? 0
    return middle(quarter * 3) - middle(quarter)
  }

  [Symbol.dispose](): void {
    this.#isOver = true
  }
}

/** Empty where it has ended. */
export function treeOf(pid: number): readonly number[] {
  try {
    return [pid, ...childrenOf(pid).flatMap(treeOf)]
  } catch {
    return []
  }
}

function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[residentPages]) * pageBytes
  } catch {
    return 0
  }
}
