/** Every message that matches as a row of a table with typed columns. */
import type { Connector } from '../../connector.ts'
import { booleanArray, byteaArray, numberArray, plainArray, textArray } from '../database/array-literal.ts'
import type { Database } from '../database/database.ts'
import type { RowForm } from '../rows/row-form.ts'
import { openRowSink } from '../rows/row-sink.ts'
import { type ColumnDefinition, checkTable, fixedColumns, type TableDefinition } from './definition.ts'
import { TimePartitions } from './time-partitions.ts'
import { memberColumns, restMembers, restNone, restWhole, type TypedRow, typedRowReader } from './typed-row.ts'
import { ensureTable } from './typed-table.ts'

export interface TypedConnectorOptions {
  readonly name: string
  /** Stays the caller's: it is not closed with the connector. */
  readonly database: Database
  readonly filters: readonly string[]
  readonly begin?: Connector['begin']
  readonly table: TableDefinition
}

/** Throws `CONFIG_INVALID` where the table cannot be made. */
export function typedConnector(options: TypedConnectorOptions): Connector {
  const { name, database, filters, begin = 'oldest', table } = options
  const form = typedForm(table)
  return {
    name,
    kind: database.kind,
    filters,
    begin,
    open: (logId, signal) => openRowSink(database, form, name, logId, signal),
  }
}

function typedForm(table: TableDefinition): RowForm<TypedRow> {
  checkTable(table)
  const members = textArray(memberColumns(table))
  const { partitionHours } = table
  const partitions = partitionHours === undefined ? undefined : new TimePartitions(table, partitionHours)
  return {
    async prepare(transaction) {
      partitions?.forget()
      await ensureTable(transaction, table)
    },
    ...(partitions === undefined
      ? {}
      : { cover: (database, times, signal) => partitions.cover(database, times, signal) }),
    rowOf: typedRowReader(table),
    insert: insertStatement(table),
    *parametersOf({ logId }, rows) {
      const messages = rows.map((row) => row.message)
      yield logId
      yield messages[0]?.partition ?? 0
      yield members
      yield numberArray(messages.map((message) => message.position))
      yield textArray(messages.map((message) => message.topic))
      yield numberArray(messages.map((message) => message.qos))
      yield booleanArray(messages.map((message) => message.retain))
      yield textArray(messages.map((message) => message.clientId))
      yield numberArray(messages.map((message) => message.ingestedAt))
      yield byteaArray(messages.map((message) => message.payload))
      yield numberArray(rows.map((row) => row.rest))
      yield textArray(rows.map((row) => row.reason))
      yield textArray(rows.map((row) => row.flags))
      for (const [at, { type }] of table.columns.entries()) {
        const cells = rows.map((row) => row.cells[at] ?? null)
        yield type === 'text' ? textArray(cells) : plainArray(cells)
      }
    },
    lessOf: (row, reason) =>
      row.rest === restNone ? undefined : { ...row, rest: restNone, reason: `not-jsonb: ${reason}` },
  }
}

const atMicros = (name: string): string => `timestamptz 'epoch' + ${name} * interval '1 microsecond'`

/** Of what every row has; times go as microseconds. */
const sentTypes = {
  position: 'bigint',
  topic: 'text',
  qos: 'smallint',
  retain: 'boolean',
  client_id: 'text',
  ingested_at: 'bigint',
  payload: 'bytea',
  rest: 'smallint',
  reason: 'text',
  flags: 'text',
} as const

function insertStatement({ name, columns }: TableDefinition): string {
  const sent = [
    ...Object.entries(sentTypes),
    ...columns.map((column) => [`"${column.name}"`, sentType(column)] as const),
  ]
  const arrays = sent.map(([, type], at) => `$${at + 4}::text::${type}[]`)
  const values = [
    ...['$1', '$2::integer', 'position', 'topic', 'qos', 'retain', 'client_id', atMicros('ingested_at'), 'payload'],
    `CASE rest WHEN ${restMembers} THEN convert_from(payload, 'UTF8')::jsonb - $3::text::text[]
       WHEN ${restWhole} THEN convert_from(payload, 'UTF8')::jsonb END`,
    ...['reason', `string_to_array(flags, ' ')`],
    ...columns.map((column) => (column.type === 'timestamptz' ? atMicros(`"${column.name}"`) : `"${column.name}"`)),
  ]
  const targets = [...Object.keys(fixedColumns), ...columns.map((column) => `"${column.name}"`)]
  return `INSERT INTO hawser."${name}" (${targets.join(', ')}) SELECT ${values.join(', ')}
    FROM unnest(${arrays.join(', ')}) AS row (${sent.map(([column]) => column).join(', ')})
    ON CONFLICT DO NOTHING`
}

const sentType = ({ type }: ColumnDefinition): string => (type === 'timestamptz' ? 'bigint' : type)
