/**
 * Barriers in the own lane: what a client publishes here comes after what it has published elsewhere. One barrier does
 * for all whose publishes lie below what it names.
 */
import { appendBarrier, type Cursor, type MessageLog, type Partition, type Position } from '@hawser/engine'
import type { Counters } from '../counters.ts'

export class Barriers {
  readonly #log: MessageLog
  readonly #counters: Counters
  readonly #named = new Map<Partition, Position>()

  constructor(log: MessageLog, counters: Counters) {
    this.#log = log
    this.#counters = counters
  }

  /**
   * Sees to it that what is appended from now on comes after what lies below `needed`; this process has been handed all
   * below `ends`. Answers false where the log takes nothing.
   */
  raise(needed: Cursor, ends: Cursor): boolean {
    let isCovered = true
    for (const [partition, below] of needed) {
      if (partition !== this.#log.own && below > (this.#named.get(partition) ?? 0)) isCovered = false
    }
    if (isCovered) return true
    const named = new Map(this.#named)
    for (const [partition, end] of ends) {
      if (partition !== this.#log.own && end > (named.get(partition) ?? 0)) named.set(partition, end)
    }
    if (!appendBarrier(this.#log, named)) return false
    this.#counters.recordsAppended++
    for (const [partition, end] of named) this.#named.set(partition, end)
    return true
  }
}
