/** A real PostgreSQL by URL. */
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { HawserError } from '@hawser/std'
import pg from 'pg'
import type { Database, Queryable, QueryResult, SqlParameter, SqlRow } from './database.ts'
import { SqlError } from './sql-errors.ts'

export interface PgDatabaseOptions {
  readonly url: string
  /** In place of one in the URL. */
  readonly password?: string
  /** In place of `sslmode` in the URL; the server's certificate and name are checked. */
  readonly tls?: TlsOptions
  readonly connectionsMax?: number
  readonly connectMsMax?: number
  /** Enforced by the server, and a little later by us where the server cannot be heard any more. */
  readonly statementMsMax?: number
}

const int8Type = 20

const parseInt8 = (text: string): number | bigint => {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text)
}

export function openPgDatabase(options: PgDatabaseOptions): Database {
  const { url, connectionsMax = 4, connectMsMax = 5_000, statementMsMax = 30_000 } = options
  const types = new pg.TypeOverrides()
  types.setTypeParser(int8Type, parseInt8)
  const pool = new pg.Pool({
    connectionString: withPassword(url, options.password),
    ...(options.tls === undefined ? {} : { ssl: options.tls }),
    max: connectionsMax,
    connectionTimeoutMillis: connectMsMax,
    statement_timeout: statementMsMax,
    query_timeout: statementMsMax * 2,
    // An owner that stands still in a transaction holds its locks: another could not take over from it.
    idle_in_transaction_session_timeout: statementMsMax,
    keepAlive: true,
    allowExitOnIdle: true,
    types,
    application_name: 'hawser',
  })
  return new PgDatabase(pool)
}

/** What the URL says wins over the settings beside it, an empty password too: so it goes into the URL. */
function withPassword(url: string, password: string | undefined): string {
  if (password === undefined) return url
  const whole = new URL(url)
  whole.password = encodeURIComponent(password)
  return whole.href
}

class PgDatabase implements Database {
  readonly kind = 'postgres'
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    this.#pool = pool
    // A lost idle connection is replaced when the next one is needed: whoever needs it is told then.
    pool.on('error', () => {})
  }

  query<Row = SqlRow>(sql: string, parameters: readonly SqlParameter[] = []): Promise<QueryResult<Row>> {
    return this.#withClient(undefined, (client) => client.query<Row>(sql, parameters))
  }

  transaction<Result>(work: (transaction: Queryable) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    return this.#withClient(signal, async (client) => {
      await client.query('BEGIN')
      const result = await work(client)
      signal?.throwIfAborted()
      await client.query('COMMIT')
      return result
    })
  }

  readOnly<Row = SqlRow>(sql: string): Promise<readonly Row[]> {
    return this.#withClient(undefined, async (client) => {
      await client.query('BEGIN READ ONLY')
      const { rows } = await client.query<Row>(sql, [])
      await client.query('COMMIT')
      return rows
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end()
  }

  /** A connection that saw an error or an abort is thrown away: the server rolls back what was open on it. */
  async #withClient<Result>(
    signal: AbortSignal | undefined,
    work: (client: Queryable) => Promise<Result>,
  ): Promise<Result> {
    signal?.throwIfAborted()
    const client = await this.#pool.connect().catch((error: unknown) => Promise.reject(translated(error)))
    let broken = true
    const drop = (): void => void client.end()
    // Between two statements nobody else listens, and an unheard error would end the process.
    const ignore = (): void => {}
    client.on('error', ignore)
    signal?.addEventListener('abort', drop, { once: true })
    try {
      const result = await work(queryableOf(client))
      broken = false
      return result
    } finally {
      signal?.removeEventListener('abort', drop)
      client.off('error', ignore)
      client.release(broken)
    }
  }
}

function queryableOf(client: pg.PoolClient): Queryable {
  return {
    async query<Row>(sql: string, parameters: readonly SqlParameter[] = []): Promise<QueryResult<Row>> {
      // The extended protocol takes one statement at a time, also without parameters.
      const config: pg.QueryConfig & { queryMode: 'extended' } = {
        text: sql,
        values: [...parameters],
        queryMode: 'extended',
      }
      try {
        const { rows, rowCount } = await client.query<Row & pg.QueryResultRow>(config)
        return { rows, affected: rowCount ?? 0 }
      } catch (error) {
        throw translated(error)
      }
    },
  }
}

/** The server's refusals keep their SQLSTATE; all else means that it could not be asked. */
function translated(error: unknown): unknown {
  if (error instanceof pg.DatabaseError && error.code !== undefined) return new SqlError(error.code, error.message)
  if (!(error instanceof Error)) return error
  const message = error.message === '' && 'code' in error ? String(error.code) : error.message
  return new HawserError('SINK_UNAVAILABLE', `PostgreSQL: ${message}`, { retryable: true, cause: error })
}
