/**
 * A table in partitions by ingest time: made before they are needed, dropped once they are old. Time is the log's own,
 * so a device in the year 2099 needs no partition. Where TimescaleDB is, it does the same by chunks.
 *
 * What finds no partition stands in the default one: so a role that may not make any writes all the same.
 */
import { type EpochMicros, epochMicros } from '@hawser/std'
import type { Database, Queryable } from '../database/database.ts'
import { SqlError } from '../database/sql-errors.ts'
import { lockMigrations } from '../migrations/migrate.ts'
import type { TableDefinition } from './definition.ts'
import { dropChunks } from './timescale.ts'

const hourMicros = 3_600_000_000
/** Made ahead, so that the next hours do not depend on an owner that is there. */
const aheadPartitions = 3
/** Readers hold a partition for as long as they read: then it is dropped another time. */
const dropLockTimeout = '2s'
const [lockNotAvailable, checkViolation] = ['55P03', '23514']

export const byTime = 'PARTITION BY RANGE (ingested_at)'

export class TimePartitions {
  readonly #name: string
  readonly #spanMicros: number
  readonly #keepMicros: number | undefined
  /** By the number of the span since the epoch. */
  readonly #known = new Set<number>()

  constructor({ name, retentionHours }: Pick<TableDefinition, 'name' | 'retentionHours'>, partitionHours: number) {
    this.#name = name
    this.#spanMicros = partitionHours * hourMicros
    this.#keepMicros = retentionHours === undefined ? undefined : retentionHours * hourMicros
  }

  /** Somebody may have dropped some since. */
  forget(): void {
    this.#known.clear()
  }

  /** Sees to the partitions of rows of these times; does nothing where they are known to be there. */
  async cover(database: Database, times: readonly EpochMicros[], signal: AbortSignal): Promise<void> {
    const spans = new Set(times.map((time) => this.#spanOf(time)))
    const newest = Math.max(...spans)
    if ([...spans].every((span) => this.#known.has(span)) || times.length === 0) return
    for (let ahead = 1; ahead <= aheadPartitions; ahead++) spans.add(newest + ahead)
    const lacking = [...spans].filter((span) => !this.#known.has(span)).sort((a, b) => a - b)
    const standing = await database.transaction((transaction) => standingOf(transaction, this.#name), signal)
    if (standing === 'partitioned') {
      const young = lacking.filter(
        (span) => this.#startOf(newest - span) <= (this.#keepMicros ?? Number.POSITIVE_INFINITY),
      )
      for (const span of young) await database.transaction((transaction) => this.#make(transaction, span), signal)
    }
    if (standing !== 'of-another-role') await this.#dropOld(database, standing, newest, signal)
    for (const span of lacking) this.#known.add(span)
  }

  async #make(transaction: Queryable, span: number): Promise<void> {
    await lockMigrations(transaction)
    const [from, until] = [this.#startOf(span), this.#startOf(span + 1)]
    await transaction.query('SAVEPOINT made')
    try {
      await transaction.query(`CREATE TABLE IF NOT EXISTS hawser."${this.#name}_${nameOf(from)}"
        PARTITION OF hawser."${this.#name}" FOR VALUES FROM ('${textOf(from)}') TO ('${textOf(until)}')`)
    } catch (error) {
      // The default partition has rows of that time already: there they stay, and others with them.
      if (!(error instanceof SqlError && error.sqlState === checkViolation)) throw error
      await transaction.query('ROLLBACK TO SAVEPOINT made')
    }
  }

  async #dropOld(database: Database, standing: Standing, newest: number, signal: AbortSignal): Promise<void> {
    if (this.#keepMicros === undefined) return
    const keepMicros = this.#keepMicros
    try {
      await database.transaction(async (transaction) => {
        // A clock that is ahead must not cost what is young.
        const now = Math.min(this.#startOf(newest), await nowOf(transaction))
        const before = epochMicros(now - keepMicros)
        await transaction.query(`SET LOCAL lock_timeout = '${dropLockTimeout}'`)
        await lockMigrations(transaction)
        if (standing === 'hypertable') {
          await dropChunks(transaction, this.#name, textOf(before))
          return
        }
        for (const partition of await partitionsOf(transaction, this.#name)) {
          const from = startOfName(partition.slice(this.#name.length + 1))
          if (from !== undefined && from + this.#spanMicros <= before) {
            await transaction.query(`DROP TABLE hawser."${partition}"`)
            this.#known.delete(this.#spanOf(from))
          }
        }
        await transaction.query(`DELETE FROM hawser."${defaultOf(this.#name)}" WHERE ingested_at < '${textOf(before)}'`)
      }, signal)
    } catch (error) {
      if (!(error instanceof SqlError && error.sqlState === lockNotAvailable)) throw error
    }
  }

  #spanOf(time: EpochMicros): number {
    return Math.floor(time / this.#spanMicros)
  }

  #startOf(span: number): EpochMicros {
    return epochMicros(span * this.#spanMicros)
  }
}

async function nowOf(transaction: Queryable): Promise<number> {
  const { rows } = await transaction.query<{ readonly now: number }>(
    'SELECT (extract(epoch FROM now()) * 1000000)::bigint AS now',
  )
  return rows[0]?.now ?? 0
}

export const defaultOf = (table: string): string => `${table}_default`

type Standing = 'partitioned' | 'hypertable' | 'of-another-role'

async function standingOf(transaction: Queryable, name: string): Promise<Standing> {
  const { rows } = await transaction.query<{ readonly own: boolean; readonly partitioned: boolean }>(
    `SELECT pg_has_role(relowner, 'USAGE') AS own, relkind = 'p' AS partitioned FROM pg_class WHERE oid = to_regclass($1)`,
    [`hawser."${name}"`],
  )
  if (rows[0]?.own !== true) return 'of-another-role'
  return rows[0].partitioned ? 'partitioned' : 'hypertable'
}

/** Also as a hypertable: the time is in its key. */
export async function isPartedByTime(transaction: Queryable, name: string): Promise<boolean> {
  const { rows } = await transaction.query(
    `SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indrelid = to_regclass($1) AND i.indisprimary AND a.attname = 'ingested_at'`,
    [`hawser."${name}"`],
  )
  return rows.length > 0
}

async function partitionsOf(transaction: Queryable, name: string): Promise<readonly string[]> {
  const { rows } = await transaction.query<{ readonly name: string }>(
    `SELECT c.relname::text AS name FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = to_regclass($1)`,
    [`hawser."${name}"`],
  )
  return rows.map((row) => row.name)
}

/** `2026-11-26T08:00:00.000Z`; a span begins at a full hour. */
const textOf = (time: EpochMicros): string => new Date(time / 1000).toISOString()
/** `2026112608` */
const nameOf = (start: EpochMicros): string => textOf(start).replaceAll(/\D/g, '').slice(0, 10)

function startOfName(name: string): EpochMicros | undefined {
  const [, year, month, day, hour] = /^(\d{4})(\d\d)(\d\d)(\d\d)$/.exec(name) ?? []
  if (year === undefined) return undefined
  return epochMicros(Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`) * 1000)
}
