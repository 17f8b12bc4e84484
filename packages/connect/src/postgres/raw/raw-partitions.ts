/**
 * `hawser.raw_telemetry` in partitions by ingest time. It was made whole, by the first migration: what it has then is
 * the default partition, where nothing is copied and the retention deletes row by row.
 */
import { HawserError } from '@hawser/std'
import type { Queryable } from '../database/database.ts'
import { lockMigrations } from '../migrations/migrate.ts'
import { byTime, defaultOf, isPartedByTime } from '../typed/time-partitions.ts'

export interface RawPartitions {
  /** Of ingest time, for each. */
  readonly partitionHours: number
  /** Partitions that are older than this are dropped; none unless said. */
  readonly retentionHours?: number | undefined
}

export const rawTable = 'raw_telemetry'

/** Throws `CONFIG_INVALID`. */
export function checkRawPartitions({ partitionHours, retentionHours }: RawPartitions): void {
  if (retentionHours === undefined || retentionHours >= partitionHours) return
  throw new HawserError('CONFIG_INVALID', `retention_hours ${retentionHours} is less than one partition`, {
    mend: `give ${partitionHours} or more, or smaller partitions`,
  })
}

export async function partRawTable(transaction: Queryable): Promise<void> {
  if (await isPartedByTime(transaction, rawTable)) return
  if (!(await isOwned(transaction))) {
    throw new HawserError('SINK_REFUSED', `hawser.${rawTable} has no partitions, and this role may not make them`, {
      mend: 'start it once as the role that owns the schema',
    })
  }
  await lockMigrations(transaction)
  // Another program may have done it while this one waited for the lock.
  if (await isPartedByTime(transaction, rawTable)) return
  const whole = defaultOf(rawTable)
  for (const statement of [
    `ALTER TABLE hawser.${rawTable} RENAME TO ${whole}`,
    `ALTER TABLE hawser.${whole} DROP CONSTRAINT ${rawTable}_pkey`,
    // A partitioned table's key has the time in it; a record has one ingest time for ever.
    `CREATE TABLE hawser.${rawTable} (LIKE hawser.${whole} INCLUDING COMMENTS,
       PRIMARY KEY (log_id, partition, position, ingested_at)) ${byTime}`,
    `ALTER TABLE hawser.${rawTable} ATTACH PARTITION hawser.${whole} DEFAULT`,
    `CREATE INDEX ON hawser.${rawTable} USING brin (ingested_at)`,
  ]) {
    await transaction.query(statement)
  }
}

async function isOwned(transaction: Queryable): Promise<boolean> {
  const { rows } = await transaction.query<{ readonly own: boolean }>(
    `SELECT pg_has_role(relowner, 'USAGE') AS own FROM pg_class WHERE oid = to_regclass($1)`,
    [`hawser.${rawTable}`],
  )
  return rows[0]?.own === true
}
