/** A table of a connector's own, as a message specification says it: which part of a message is which column. */
import { HawserError } from '@hawser/std'
import { openZone, type TimeFormat } from '@hawser/streams'

export const columnTypes = [
  'bigint',
  'integer',
  'double precision',
  'numeric',
  'boolean',
  'text',
  'timestamptz',
] as const
export type ColumnType = (typeof columnTypes)[number]

export interface ColumnDefinition {
  readonly name: string
  readonly type: ColumnType
  /** Of the field in the payload: `a.b.0`, or a JSON Pointer; '' is the whole payload. Either this … */
  readonly path?: string | undefined
  /** … or a level of the topic, counted from 0. */
  readonly topicLevel?: number | undefined
  /** Numbers, truth values and times may be written as text. */
  readonly coerce?: boolean | undefined
  /** Outside of these a number is kept and flagged. */
  readonly min?: number | undefined
  readonly max?: number | undefined
  /** Becomes the column's comment. */
  readonly unit?: string | undefined
  /** Of a timestamptz; ISO 8601 unless said. */
  readonly timeFormat?: TimeFormat | undefined
  /** Of a time that is written without one; UTC unless said. */
  readonly zone?: string | undefined
}

export interface TableDefinition {
  /** In the schema `hawser`. */
  readonly name: string
  readonly columns: readonly ColumnDefinition[]
  /** It is made of partitions of so many hours of ingest time; one table unless said. */
  readonly partitionHours?: number | undefined
  /** Partitions that are older than this are dropped; none unless said. */
  readonly retentionHours?: number | undefined
}

/** What every table has beside its own columns. */
export const fixedColumns = {
  log_id: 'text NOT NULL',
  partition: 'integer NOT NULL',
  position: 'bigint NOT NULL',
  topic: 'text NOT NULL',
  qos: 'smallint NOT NULL',
  retain: 'boolean NOT NULL',
  client_id: 'text NOT NULL',
  ingested_at: 'timestamptz NOT NULL',
  payload: 'bytea NOT NULL',
  rest: 'jsonb',
  reason: 'text',
  flags: 'text[]',
} as const

export const identifierPattern = /^[a-z_][a-z0-9_]{0,47}$/
export const columnsMax = 200

const isNumber = (type: ColumnType): boolean => ['bigint', 'integer', 'double precision', 'numeric'].includes(type)

/** What is wrong with one column, in words; undefined where nothing is. */
function columnFault(column: ColumnDefinition): string | undefined {
  const { name, type, path, topicLevel, min, max, timeFormat, zone } = column
  if (Object.hasOwn(fixedColumns, name)) return `every table has a column ${name} already`
  if ((path === undefined) === (topicLevel === undefined)) return 'give one of path, topic_level'
  if ((min !== undefined || max !== undefined) && !isNumber(type)) return `min and max are no bounds of ${type}`
  if (min !== undefined && max !== undefined && min > max) return 'min is greater than max'
  if ((timeFormat !== undefined || zone !== undefined) && type !== 'timestamptz')
    return `${type} has no time_format, no zone`
  return zone === undefined ? undefined : zoneFault(zone)
}

function zoneFault(zone: string): string | undefined {
  try {
    openZone(zone)
    return undefined
  } catch (error) {
    return error instanceof HawserError ? error.message : String(error)
  }
}

/** What is wrong with a table, in words; undefined where nothing is. */
export function tableFault(table: Omit<TableDefinition, 'name'>): string | undefined {
  const { columns, partitionHours, retentionHours } = table
  if (retentionHours !== undefined && retentionHours < (partitionHours ?? Number.POSITIVE_INFINITY))
    return 'retention_hours needs partition_hours, and is no less'
  const names = columns.map((column) => column.name)
  const twice = names.find((candidate, at) => names.indexOf(candidate) !== at)
  if (twice !== undefined) return `column ${twice} is there twice`
  for (const column of columns) {
    const fault = columnFault(column)
    if (fault !== undefined) return `column ${column.name}: ${fault}`
  }
  return undefined
}

/** Throws `CONFIG_INVALID`: names go into statements as they are. */
export function checkTable(table: TableDefinition): void {
  for (const identifier of [table.name, ...table.columns.map((column) => column.name)]) {
    if (!identifierPattern.test(identifier))
      throw invalid(table.name, `"${identifier}" is no name of a table or column`)
  }
  const fault = tableFault(table)
  if (fault !== undefined) throw invalid(table.name, fault)
}

const invalid = (table: string, message: string): HawserError =>
  new HawserError('CONFIG_INVALID', `table ${table}: ${message}`, { mend: 'correct the columns: docs/postgres.md' })
