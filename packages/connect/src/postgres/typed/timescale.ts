/** TimescaleDB, where the database has it: chunks in place of partitions. */
import type { Queryable } from '../database/database.ts'

export async function hasTimescale(transaction: Queryable): Promise<boolean> {
  const { rows } = await transaction.query(`SELECT FROM pg_proc WHERE proname = 'create_hypertable' LIMIT 1`)
  return rows.length > 0
}

/** Of a new table. */
export async function makeHypertable(transaction: Queryable, name: string, chunkHours: number): Promise<void> {
  await transaction.query(
    `SELECT create_hypertable('hawser."${name}"', 'ingested_at', chunk_time_interval => interval '${chunkHours} hours')`,
  )
}

/** `before` as ISO 8601. */
export async function dropChunks(transaction: Queryable, name: string, before: string): Promise<void> {
  await transaction.query(`SELECT drop_chunks('hawser."${name}"', older_than => timestamptz '${before}')`)
}
