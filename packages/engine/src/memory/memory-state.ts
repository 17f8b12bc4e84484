/** State rows in RAM: for tests, and for who wants nothing kept. */
import { HawserError } from '@hawser/std'
import type { StateChange, StateRow, StateStore } from '../state.ts'

export interface MemoryStateOptions {
  /** True (default) where whoever has made it gives it to a later one. */
  readonly outlivesProcess?: boolean
}

export const createMemoryState = ({ outlivesProcess = true }: MemoryStateOptions = {}): StateStore =>
  new MemoryState(outlivesProcess)

class Table {
  readonly rows = new Map<string, StateRow>()
  /** Made when somebody scans, and good until a row comes or goes. */
  #sortedKeys: readonly Buffer[] | undefined

  set(key: string, row: StateRow | undefined): void {
    if (this.rows.has(key) !== (row !== undefined)) this.#sortedKeys = undefined
    if (row === undefined) this.rows.delete(key)
    else this.rows.set(key, row)
  }

  /** In the order of their UTF-8 bytes, which is not that of JavaScript's strings. */
  keysFrom(from: string): readonly Buffer[] {
    this.#sortedKeys ??= Array.from(this.rows.keys(), (key) => Buffer.from(key)).sort(Buffer.compare)
    return this.#sortedKeys.slice(firstAtLeast(this.#sortedKeys, Buffer.from(from)))
  }
}

function firstAtLeast(sorted: readonly Buffer[], wanted: Buffer): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const key = sorted[middle]
    if (key !== undefined && Buffer.compare(key, wanted) < 0) low = middle + 1
    else high = middle
  }
  return low
}

class MemoryState implements StateStore {
  readonly outlivesProcess: boolean
  readonly #tables = new Map<string, Table>()
  /** Of the newest write of any row, so that a row written anew never has a revision that it had before. */
  #revision = 0
  #closed = false

  constructor(outlivesProcess: boolean) {
    this.outlivesProcess = outlivesProcess
  }

  async get(table: string, key: string): Promise<StateRow | undefined> {
    this.#mustBeOpen()
    const row = this.#tables.get(table)?.rows.get(key)
    return row && { value: Buffer.from(row.value), revision: row.revision }
  }

  async write(changes: readonly StateChange[]): Promise<'applied' | 'conflict'> {
    this.#mustBeOpen()
    for (const { table, key, expected } of changes) {
      const revision = this.#tables.get(table)?.rows.get(key)?.revision ?? 0
      if (expected !== undefined && expected !== revision) return 'conflict'
    }
    this.#revision++
    for (const { table, key, value } of changes) {
      this.#table(table).set(key, value === null ? undefined : { value: Buffer.from(value), revision: this.#revision })
    }
    return 'applied'
  }

  async *scan(table: string, from = ''): AsyncGenerator<StateRow & { readonly key: string }> {
    this.#mustBeOpen()
    for (const keyBytes of this.#tables.get(table)?.keysFrom(from) ?? []) {
      this.#mustBeOpen()
      const key = keyBytes.toString()
      const row = this.#tables.get(table)?.rows.get(key)
      if (row !== undefined) yield { key, value: Buffer.from(row.value), revision: row.revision }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#tables.clear()
  }

  #table(name: string): Table {
    let table = this.#tables.get(name)
    if (table === undefined) {
      table = new Table()
      this.#tables.set(name, table)
    }
    return table
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new HawserError('STATE_FAILED', 'the state is closed')
  }
}
