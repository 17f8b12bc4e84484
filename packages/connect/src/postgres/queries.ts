/** What the console asks of the tables. */
import { type EpochMicros, epochMicros } from '@hawser/std'
import { type KpiName, type KpiValue, kpiNames } from '@hawser/streams'
import type { KpiMeasure, KpiWindow } from '../kpi/kpi-window.ts'
import type { Queryable, SqlParameter } from './database/database.ts'
import { SqlError } from './database/sql-errors.ts'

const rowsByDefault = 100
const rowsMax = 10_000

export interface KpiQuery {
  readonly specification?: string
  readonly machine?: string
  /** Windows that end after it. */
  readonly since?: EpochMicros
  /** Windows that begin before it. */
  readonly until?: EpochMicros
  readonly rowsMax?: number
}

/** The newest windows first. */
export async function queryKpis(database: Queryable, query: KpiQuery = {}): Promise<readonly KpiWindow[]> {
  const where = conditions([
    ['w.specification = ', query.specification],
    ['w.machine = ', query.machine],
    ['w.window_end_micros > ', query.since],
    ['w.window_start_micros < ', query.until],
  ])
  const rows = await rowsIfMade<KpiRow>(
    database,
    `SELECT w.*, (
       SELECT json_agg(json_build_object('measure', m.measure, 'unit', m.unit, 'n', m.n,
         'mean', m.mean::text, 'min', m.min::text, 'max', m.max::text) ORDER BY m.measure)
       FROM hawser.kpi_measure m
       WHERE (m.specification, m.version, m.machine, m.window_start_micros)
         = (w.specification, w.version, w.machine, w.window_start_micros)
     ) AS measures
     FROM hawser.kpi w ${where.sql}
     ORDER BY w.window_start_micros DESC, w.specification, w.version, w.machine LIMIT ${limit(query.rowsMax)}`,
    where.parameters,
  )
  return rows.map(kpiWindowOf)
}

/** All windows of one machine in a span of time, oldest first. */
export async function queryMachineHistory(
  database: Queryable,
  machine: string,
  query: Omit<KpiQuery, 'machine'> = {},
): Promise<readonly KpiWindow[]> {
  return (await queryKpis(database, { ...query, machine })).toReversed()
}

type KpiRow = Readonly<Record<KpiName, KpiValue>> & {
  readonly specification: string
  readonly version: number
  readonly machine: string
  readonly window_start_micros: number
  readonly window_end_micros: number
  readonly final: boolean
  readonly readings: number
  readonly alarm_edges: number
  readonly quality_assumed: boolean
  readonly measures: readonly KpiMeasure[] | null
}

function kpiWindowOf(row: KpiRow): KpiWindow {
  return {
    specification: row.specification,
    version: row.version,
    machine: row.machine,
    windowStart: epochMicros(row.window_start_micros),
    windowEnd: epochMicros(row.window_end_micros),
    final: row.final,
    readings: Number(row.readings),
    alarmEdges: Number(row.alarm_edges),
    values: Object.fromEntries(kpiNames.map((name) => [name, row[name]])) as Record<KpiName, KpiValue>,
    qualityAssumed: row.quality_assumed,
    measures: row.measures ?? [],
  }
}

export interface Alarm {
  readonly specification: string
  readonly version: number
  readonly machine: string
  readonly eventId: string
  readonly eventTime: EpochMicros
}

export interface AlarmQuery {
  readonly machine?: string
  readonly since?: EpochMicros
  readonly rowsMax?: number
}

/** The newest first. */
export async function queryAlarms(database: Queryable, query: AlarmQuery = {}): Promise<readonly Alarm[]> {
  const where = conditions([
    ['machine = ', query.machine],
    ['event_time_micros >= ', query.since],
  ])
  const rows = await rowsIfMade<Omit<Alarm, 'eventTime'> & { readonly eventTime: number }>(
    database,
    `SELECT specification, version, machine, event_id AS "eventId", event_time_micros AS "eventTime"
     FROM hawser.alarm ${where.sql} ORDER BY event_time_micros DESC, event_id LIMIT ${limit(query.rowsMax)}`,
    where.parameters,
  )
  return rows.map((row) => ({ ...row, eventTime: epochMicros(row.eventTime) }))
}

/** Rows of raw telemetry, of one topic or of all. */
export async function queryRawCount(database: Queryable, topic?: string): Promise<number> {
  const where = conditions([['topic = ', topic]])
  const rows = await rowsIfMade<{ readonly count: number }>(
    database,
    `SELECT count(*) AS count FROM hawser.raw_telemetry ${where.sql}`,
    where.parameters,
  )
  return rows[0]?.count ?? 0
}

const undefinedTable = '42P01'

/** Before the connector has made its tables there is nothing in them. */
async function rowsIfMade<Row>(
  database: Queryable,
  sql: string,
  parameters: readonly SqlParameter[],
): Promise<readonly Row[]> {
  try {
    return (await database.query<Row>(sql, parameters)).rows
  } catch (error) {
    if (error instanceof SqlError && error.sqlState === undefinedTable) return []
    throw error
  }
}

/** Of the conditions those that have a value. */
function conditions(candidates: readonly (readonly [sql: string, value: SqlParameter | undefined])[]): {
  readonly sql: string
  readonly parameters: readonly SqlParameter[]
} {
  const given = candidates.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]))
  if (given.length === 0) return { sql: '', parameters: [] }
  return {
    sql: `WHERE ${given.map(({ sql }, index) => `${sql}$${index + 1}`).join(' AND ')}`,
    parameters: given.map(({ value }) => value),
  }
}

const limit = (asked = rowsByDefault): number => Math.max(1, Math.min(rowsMax, Math.floor(asked)))
