/** A PostgreSQL, embedded or by URL: the one port behind which both speak the same SQL. */

/** Everything goes as text, numbers or truth; arrays go as text by `array-literal.ts` and are cast in the statement. */
export type SqlParameter = string | number | boolean | null

/** 64-bit integers come as numbers where these are exact, else as bigint; numeric comes as text. */
export type SqlRow = Readonly<Record<string, unknown>>

export interface QueryResult<Row> {
  readonly rows: readonly Row[]
  /** Rows inserted, updated or deleted. */
  readonly affected: number
}

export interface Queryable {
  query<Row = SqlRow>(sql: string, parameters?: readonly SqlParameter[]): Promise<QueryResult<Row>>
}

/**
 * Opens by itself at the first use, and again after each loss of the connection. Rejections are `SqlError` where the
 * server refused a statement, and `SINK_UNAVAILABLE` (retryable) where it could not be asked.
 */
export interface Database extends Queryable, AsyncDisposable {
  readonly kind: 'pglite' | 'postgres'
  /**
   * Commits where `work` resolves, and rolls back where it rejects or the signal aborts. A rejection of the commit
   * itself leaves the outcome open: whoever must know it reads the database.
   */
  transaction<Result>(work: (transaction: Queryable) => Promise<Result>, signal?: AbortSignal): Promise<Result>
  /** One statement of anybody's making that cannot change anything. */
  readOnly<Row = SqlRow>(sql: string): Promise<readonly Row[]>
}
