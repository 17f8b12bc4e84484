import type { Database } from '../database/database.ts'

export interface RawCount {
  readonly rows: number
  readonly distinct: number
  readonly first: number
  readonly last: number
}

/** What is there of one log, counted from the rows themselves rather than from the key. */
export async function countOf(database: Database, logId: string): Promise<RawCount | undefined> {
  const { rows } = await database.query<RawCount>(
    `SELECT count(*) AS rows, count(DISTINCT payload) AS distinct, min(position) AS first, max(position) AS last
     FROM hawser.raw_telemetry WHERE log_id = $1`,
    [logId],
  )
  return rows[0]
}
