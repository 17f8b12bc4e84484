/** What passes between the embedded database's worker and those who ask it. */
import type { QueryResult, SqlParameter, SqlRow } from './database.ts'

export interface WorkerInput {
  readonly folder: string
}

export interface Request {
  readonly id: number
  readonly sql: string
  readonly parameters: readonly SqlParameter[]
}

export type Reply =
  | { readonly kind: 'opened' }
  | { readonly kind: 'not-opened'; readonly message: string }
  | { readonly kind: 'result'; readonly id: number; readonly result: QueryResult<SqlRow> }
  /** `sqlState` is undefined where it was not the server that refused. */
  | { readonly kind: 'error'; readonly id: number; readonly sqlState: string | undefined; readonly message: string }

/** As a request: closes the database and ends the worker. */
export const closeRequest = 'close'
