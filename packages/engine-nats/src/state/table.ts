/** The rows of one table, as a node has them in memory. */
import type { StateRow } from '@hawser/engine'
import { KeyOrder, keyAfter } from './key-order.ts'

const bytesOf = (key: string, row: StateRow | undefined): number =>
  row === undefined ? 0 : key.length + row.value.length

export class Table {
  readonly #rows = new Map<string, StateRow>()
  readonly #order = new KeyOrder()
  /** Hears of each row before it changes. */
  onChange: ((key: string, before: StateRow | undefined) => void) | undefined

  /** Of all keys and values. */
  bytes = 0
  /** Counts every write of a row. */
  changes = 0

  get(key: string): StateRow | undefined {
    return this.#rows.get(key)
  }

  set(key: string, row: StateRow | undefined): void {
    this.changes++
    const before = this.#rows.get(key)
    this.onChange?.(key, before)
    this.bytes += bytesOf(key, row) - bytesOf(key, before)
    if (row === undefined) {
      this.#rows.delete(key)
      this.#order.delete(key)
    } else {
      this.#rows.set(key, row)
      if (before === undefined) this.#order.add(key)
    }
  }

  /** A part of the keys at or behind `from`, in order; none where there are no more. */
  keysFrom(from: string): readonly string[] {
    return this.#order.from(from)
  }

  /** Each row as it is when reached. */
  *entriesFrom(from: string): Generator<readonly [key: string, row: StateRow]> {
    let at = from
    for (let keys = this.keysFrom(at); keys.length > 0; keys = this.keysFrom(at)) {
      for (const key of keys) {
        const row = this.#rows.get(key)
        if (row !== undefined) yield [key, row]
      }
      at = keyAfter(keys[keys.length - 1] ?? at)
    }
  }
}
