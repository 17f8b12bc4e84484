/** What a stopped Hawser has left in its embedded database. */
import { join } from 'node:path'
import { type Database, openPGliteDatabase } from '@hawser/connect/postgres'
import { accumulatorColumns, kpiNames } from '@hawser/streams'

/** A row of raw telemetry, with the names that the recomputation knows. */
export interface RawRow {
  readonly logId: string
  readonly partition: number
  readonly position: number
  readonly appendTime: number
  readonly topic: string
  readonly payload: string
}

/** A window as the recomputation gives it. */
export interface Window {
  readonly key: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly accumulator: Readonly<Record<string, string>>
  readonly measures: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly kpis: Readonly<Record<string, string | null>>
}

export const openTables = (dataDir: string): Database => openPGliteDatabase({ folder: join(dataDir, 'postgres') })

/** In the order of the log: positions, never times. */
export async function rawRows(database: Database, topic: string): Promise<readonly RawRow[]> {
  const { rows } = await database.query<RawRow>(
    `SELECT log_id AS "logId", partition, position, topic, convert_from(payload, 'UTF8') AS payload,
       (extract(epoch FROM ingested_at) * 1000000)::bigint AS "appendTime"
     FROM hawser.raw_telemetry WHERE topic = $1 ORDER BY partition, position`,
    [topic],
  )
  return rows
}

export const eventIdOf = ({ logId, partition, position }: RawRow): string => `${logId}/${partition}/${position}`

/** By event id. A recording has no lateness, so that nothing is kept aside for another reason. */
export async function sealedEvents(database: Database, specification: string): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ readonly eventId: string; readonly reason: string }>(
    'SELECT event_id AS "eventId", reason FROM hawser.late_records WHERE specification = $1',
    [specification],
  )
  const other = rows.find(({ reason }) => reason !== 'sealed')
  if (other !== undefined) throw new Error(`${other.eventId} is kept aside: ${other.reason}`)
  return new Set(rows.map(({ eventId }) => eventId))
}

const jsonOf = (members: readonly (readonly [string, string])[]): string =>
  `json_build_object(${members.map(([name, expression]) => `'${name}', ${expression}::text`).join(', ')})`

/** Integers from the tables, quotients from the views that users read. */
export async function windowsOf(database: Database, specification: string): Promise<readonly Window[]> {
  const accumulator = jsonOf(accumulatorColumns.map(({ field, name }) => [field, `windows.${name}`]))
  const kpis = jsonOf(kpiNames.map((name) => [name, `kpi.${name}`]))
  const { rows } = await database.query<Window & { readonly measures: Window['measures'] | null }>(
    `SELECT windows.key, windows.window_start_micros AS "windowStart", windows.window_end_micros AS "windowEnd",
       ${accumulator} AS accumulator, ${kpis} AS kpis,
       (SELECT json_object_agg(measure, ${jsonOf(['n', 'sum', 'min', 'max'].map((name) => [name, `m.${name}`]))}::jsonb
            || jsonb_build_object('mean', v.mean::text))
          FROM hawser.kpi_measures m JOIN hawser.kpi_measure v USING (specification, version, window_start_micros, measure)
          WHERE v.machine = m.key AND (m.specification, m.version, m.key, m.window_start_micros)
            = (windows.specification, windows.version, windows.key, windows.window_start_micros)) AS measures
     FROM hawser.kpi_windows windows JOIN hawser.kpi
       ON (kpi.specification, kpi.version, kpi.machine, kpi.window_start_micros)
        = (windows.specification, windows.version, windows.key, windows.window_start_micros)
     WHERE windows.specification = $1 ORDER BY windows.key, windows.window_start_micros`,
    [specification],
  )
  return rows.map((row) => ({ ...row, measures: row.measures ?? {} }))
}
