/** How one kind of row is made of a message and inserted. */
import type { EpochMicros } from '@hawser/std'
import type { Message } from '../../connector.ts'
import type { Database, Queryable, SqlParameter } from '../database/database.ts'
import type { Ownership } from '../ownership.ts'

export interface RowForm<Row extends { readonly message: Message }> {
  /** Makes the table ready; in a transaction of its own, before the first row. */
  prepare?(transaction: Queryable): Promise<void>
  /** Sees to what rows of these ingest times need of the table; before each write, in transactions of its own. */
  cover?(database: Database, times: readonly EpochMicros[], signal: AbortSignal): Promise<void>
  rowOf(message: Message): Row
  /** Inserts rows of one partition that are not there already. */
  readonly insert: string
  /** Of `insert`, one after another: a column of many rows takes its time. */
  parametersOf(ownership: Ownership, rows: readonly Row[]): Iterable<SqlParameter>
  /** What may be left of a row that the server refused; undefined where nothing is, and it becomes a dead letter. */
  lessOf(row: Row, reason: string): Row | undefined
}
