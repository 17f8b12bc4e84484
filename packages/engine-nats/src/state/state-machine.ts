/**
 * The rows of all nodes, as a function of the messages of the state's stream in their order: every node that has applied
 * the same ones has the same rows and revisions, and knows the same answers. No I/O, no time, no chance.
 */
import type { StateChange, StateRow } from '@hawser/engine'
import { decodeBatch, decodeProposal } from './proposal.ts'
import { Table } from './table.ts'

export type Outcome = 'applied' | 'conflict'

export interface AppliedBatch {
  readonly writer: string
  readonly number: number
  /** One for each write; undefined where the writer is fenced and nothing was applied. */
  readonly outcomes: readonly Outcome[] | undefined
}

export interface Writer {
  /** Of its last batch that was applied. */
  number: number
  /** Of a later one, of which not all has come: its number and what there is. */
  partsOf: number
  parts: Buffer[]
}

/** Its keys are writers of which nothing is applied any more. */
export const fencedTable = '\x01fenced'

/** Lives of nodes; the one that has been silent for longest is forgotten. */
const writersMax = 1000

export class StateMachine {
  readonly tables = new Map<string, Table>()
  readonly writers = new Map<string, Writer>()
  /** Of the newest write of any row. */
  revision = 0

  /** Answers undefined where nothing is complete with this message, or it was applied before. */
  apply(message: Buffer): AppliedBatch | undefined {
    const { writer: name, number, part, parts, bytes } = decodeProposal(message)
    const writer = this.#writer(name)
    if (number <= writer.number) return undefined
    if (number > writer.partsOf) {
      writer.partsOf = number
      writer.parts = []
    }
    if (number < writer.partsOf || part !== writer.parts.length) return undefined
    if (part + 1 < parts) {
      writer.parts.push(Buffer.from(bytes))
      return undefined
    }
    const batch = writer.parts.length === 0 ? bytes : Buffer.concat([...writer.parts, bytes])
    writer.parts = []
    writer.number = number
    if (this.get(fencedTable, name) !== undefined) return { writer: name, number, outcomes: undefined }
    return { writer: name, number, outcomes: Array.from(decodeBatch(batch), (changes) => this.#write(changes)) }
  }

  /** Of all rows. */
  get bytes(): number {
    let bytes = 0
    for (const table of this.tables.values()) bytes += table.bytes
    return bytes
  }

  get(table: string, key: string): StateRow | undefined {
    return this.tables.get(table)?.get(key)
  }

  table(name: string): Table {
    const known = this.tables.get(name)
    if (known !== undefined) return known
    const table = new Table()
    this.tables.set(name, table)
    return table
  }

  #write(changes: readonly StateChange[]): Outcome {
    for (const { table, key, expected } of changes) {
      if (expected !== undefined && expected !== (this.get(table, key)?.revision ?? 0)) return 'conflict'
    }
    this.revision++
    for (const { table, key, value } of changes) {
      // A copy: the message would otherwise live as long as its smallest row.
      this.table(table).set(key, value === null ? undefined : { value: Buffer.from(value), revision: this.revision })
    }
    return 'applied'
  }

  /** The one that spoke last stands last. */
  #writer(name: string): Writer {
    const writer = this.writers.get(name) ?? { number: 0, partsOf: 0, parts: [] }
    this.writers.delete(name)
    this.writers.set(name, writer)
    for (const oldest of this.writers.keys()) {
      if (this.writers.size <= writersMax) break
      this.writers.delete(oldest)
    }
    return writer
  }
}
