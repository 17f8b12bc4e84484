/** The embedded database: PGlite in a worker thread. It has one connection, so whoever uses it takes turns. */
import { HawserError } from '@hawser/std'
import { unlessAborted } from '../../unless-aborted.ts'
import type { Database, Queryable, QueryResult, SqlParameter, SqlRow } from './database.ts'
import { PGliteConnection } from './pglite-connection.ts'

export interface PGliteDatabaseOptions {
  /** Locked while the database is open: what it holds is derived from the log, and may be deleted while it is not. */
  readonly folder: string
}

/** Begins to open at once: a new folder takes seconds, in which the rest can start. */
export const openPGliteDatabase = ({ folder }: PGliteDatabaseOptions): Database => new PGliteDatabase(folder)

class PGliteDatabase implements Database {
  readonly kind = 'pglite'
  readonly #folder: string
  #connection: Promise<PGliteConnection>
  /** The last of those who wait for their turn. */
  #turn: Promise<unknown> = Promise.resolve()
  readonly #closing = new AbortController()

  constructor(folder: string) {
    this.#folder = folder
    this.#connection = this.#open()
  }

  query<Row = SqlRow>(sql: string, parameters: readonly SqlParameter[] = []): Promise<QueryResult<Row>> {
    return this.#inTurn((connection) => connection.query<Row>(sql, parameters))
  }

  transaction<Result>(work: (transaction: Queryable) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    return this.#inTurn((connection) => inTransaction(connection, 'BEGIN', work, signal), signal)
  }

  readOnly<Row = SqlRow>(sql: string): Promise<readonly Row[]> {
    return this.#inTurn(async (connection) => {
      const read = async (transaction: Queryable) => (await transaction.query<Row>(sql)).rows
      return inTransaction(connection, 'BEGIN READ ONLY', read)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Ends an opening under way; a statement under way is finished.
    this.#closing.abort(new HawserError('SINK_UNAVAILABLE', 'the embedded database is closed'))
    await this.#turn
    const connection = await this.#connection.catch(() => undefined)
    await connection?.close()
  }

  #open(): Promise<PGliteConnection> {
    const opening = PGliteConnection.open(this.#folder, this.#closing.signal)
    // Told to whoever asks next, and tried again for the one after.
    opening.catch(() => {})
    return opening
  }

  /** An abort ends the wait for the turn; work that has begun looks at the signal itself. */
  #inTurn<Result>(work: (connection: Queryable) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const living = this.#turn.then(() => this.#living())
    const result = unlessAborted(signal, living).then((connection) => work(queryableOf(connection)))
    // Whoever gives up waiting still stands between the one before and the one after.
    this.#turn = Promise.allSettled([living, result])
    return result
  }

  async #living(): Promise<PGliteConnection> {
    const connection = await this.#connection.catch((error: unknown) => {
      this.#reopen()
      throw error
    })
    if (connection.alive) return connection
    this.#reopen()
    return this.#connection
  }

  #reopen(): void {
    if (!this.#closing.signal.aborted) this.#connection = this.#open()
  }
}

function queryableOf(connection: PGliteConnection): Queryable {
  return {
    query: async <Row>(sql: string, parameters: readonly SqlParameter[] = []) =>
      (await connection.query(sql, parameters)) as QueryResult<Row>,
  }
}

async function inTransaction<Result>(
  connection: Queryable,
  begin: string,
  work: (transaction: Queryable) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  signal?.throwIfAborted()
  await connection.query(begin)
  try {
    const result = await work(connection)
    signal?.throwIfAborted()
    await connection.query('COMMIT')
    return result
  } catch (error) {
    // Where the thread has ended there is nothing left to roll back, and the first error says more.
    await connection.query('ROLLBACK').catch(() => {})
    throw error
  }
}
