/** What stage A has changed, into the tables: all within the transaction that moves the cursor. */
import {
  type AccumulatorRow,
  accumulatorColumns,
  type Column,
  encodeMachineState,
  keyColumns,
  type MachineState,
  type MeasureAccumulator,
  measureColumns,
  type Specification,
  stateColumns,
} from '@hawser/streams'
import type { AsideReading, MachineAlarm, StageAChange } from '../../kpi/stage-a.ts'
import { booleanArray, numberArray, textArray } from '../database/array-literal.ts'
import type { Queryable } from '../database/database.ts'
import { insertDeadLetter } from '../dead-letters.ts'
import type { Ownership } from '../ownership.ts'

export async function storeChange(
  transaction: Queryable,
  ownership: Ownership,
  specification: Specification,
  change: StageAChange,
): Promise<void> {
  const { name, version } = specification
  await storeWindows(transaction, change.rows)
  await storeMeasures(transaction, change.rows)
  await storeStates(transaction, specification, change.states)
  await deleteAlarms(transaction, name, version, change.alarmsRemoved)
  await insertAlarms(transaction, name, version, change.alarmsAdded)
  await insertAside(transaction, name, version, change.aside)
  for (const { message, reason } of change.refused) await insertDeadLetter(transaction, ownership, message, reason)
}

/** A column with the values that it gets. */
interface FilledColumn extends Column {
  readonly values: readonly unknown[]
}

const keysOf = (rows: readonly AccumulatorRow[]): readonly FilledColumn[] => {
  const values: Readonly<Record<string, (row: AccumulatorRow) => unknown>> = {
    specification: (row) => row.specification,
    version: (row) => row.version,
    key: (row) => row.key,
    window_start_micros: (row) => row.windowStart,
    window_end_micros: (row) => row.windowEnd,
    revision: (row) => row.revision,
    final: (row) => row.final,
  }
  return [...keyColumns, ...stateColumns].map((column) => {
    const value = values[column.name]
    if (value === undefined) throw new RangeError(`no value for column ${column.name}`)
    return { ...column, values: rows.map(value) }
  })
}

const keyNames = keyColumns.map((column) => column.name)

async function storeWindows(transaction: Queryable, rows: readonly AccumulatorRow[]): Promise<void> {
  const accumulators = accumulatorColumns.map((column) => ({
    ...column,
    values: rows.map((row) => row.accumulator[column.field]),
  }))
  await upsert(transaction, 'kpi_windows', keyNames, [...keysOf(rows), ...accumulators])
}

async function storeMeasures(transaction: Queryable, rows: readonly AccumulatorRow[]): Promise<void> {
  const flat = rows.flatMap((row) => row.measures.map((measure) => ({ row, measure })))
  const measures = measureColumns.map((column) => ({
    ...column,
    values: flat.map(({ measure }): MeasureAccumulator[typeof column.field] => measure[column.field]),
  }))
  const keys = keysOf(flat.map(({ row }) => row))
  await upsert(transaction, 'kpi_measures', [...keyNames, 'measure'], [...keys, ...measures])
}

/** Keeps the highest revision of each row. */
async function upsert(
  transaction: Queryable,
  table: string,
  primaryKey: readonly string[],
  columns: readonly FilledColumn[],
): Promise<void> {
  if (columns[0]?.values.length === 0) return
  const names = columns.map((column) => column.name)
  const arrays = columns.map(({ type }, index) => `$${index + 1}::text::${type}[]`)
  const assignments = names.filter((name) => !primaryKey.includes(name)).map((name) => `${name} = excluded.${name}`)
  await transaction.query(
    `INSERT INTO hawser.${table} AS stored (${names.join(', ')})
     SELECT * FROM unnest(${arrays.join(', ')})
     ON CONFLICT (${primaryKey.join(', ')}) DO UPDATE SET ${assignments.join(', ')}
     WHERE stored.revision < excluded.revision`,
    columns.map(arrayOf),
  )
}

function arrayOf({ type, values }: FilledColumn): string {
  switch (type) {
    case 'text':
      return textArray(values.map(String))
    case 'boolean':
      return booleanArray(values.map(Boolean))
    case 'integer':
    case 'bigint':
      return numberArray(values.map((value) => (typeof value === 'bigint' ? value : Number(value))))
    default:
      throw type satisfies never
  }
}

async function storeStates(
  transaction: Queryable,
  { name, version }: Specification,
  states: ReadonlyMap<string, MachineState>,
): Promise<void> {
  if (states.size === 0) return
  await transaction.query(
    `INSERT INTO hawser.kpi_states (specification, version, key, state)
     SELECT $1, $2::integer, key, state FROM unnest($3::text::text[], $4::text::text[]) AS row (key, state)
     ON CONFLICT (specification, version, key) DO UPDATE SET state = excluded.state`,
    [name, version, textArray([...states.keys()]), textArray([...states.values()].map(encodeMachineState))],
  )
}

async function deleteAlarms(
  transaction: Queryable,
  name: string,
  version: number,
  alarms: readonly MachineAlarm[],
): Promise<void> {
  if (alarms.length === 0) return
  await transaction.query(
    `DELETE FROM hawser.alarms WHERE specification = $1 AND version = $2::integer AND event_id = ANY ($3::text::text[])`,
    [name, version, textArray(alarms.map((alarm) => alarm.eventId))],
  )
}

async function insertAlarms(
  transaction: Queryable,
  name: string,
  version: number,
  alarms: readonly MachineAlarm[],
): Promise<void> {
  if (alarms.length === 0) return
  await transaction.query(
    `INSERT INTO hawser.alarms (specification, version, key, event_id, event_time_micros)
     SELECT $1, $2::integer, * FROM unnest($3::text::text[], $4::text::text[], $5::text::bigint[])
     ON CONFLICT DO NOTHING`,
    [
      name,
      version,
      textArray(alarms.map((alarm) => alarm.key)),
      textArray(alarms.map((alarm) => alarm.eventId)),
      numberArray(alarms.map((alarm) => alarm.eventTime)),
    ],
  )
}

async function insertAside(
  transaction: Queryable,
  name: string,
  version: number,
  aside: readonly AsideReading[],
): Promise<void> {
  if (aside.length === 0) return
  await transaction.query(
    `INSERT INTO hawser.late_records (specification, version, event_id, key, reason, event_time_micros, append_time_micros)
     SELECT $1, $2::integer, *
     FROM unnest($3::text::text[], $4::text::text[], $5::text::text[], $6::text::bigint[], $7::text::bigint[])
     ON CONFLICT DO NOTHING`,
    [
      name,
      version,
      textArray(aside.map(({ reading }) => reading.eventId)),
      textArray(aside.map(({ key }) => key)),
      textArray(aside.map(({ reason }) => reason)),
      numberArray(aside.map(({ reading }) => reading.eventTime)),
      numberArray(aside.map(({ reading }) => reading.appendTime)),
    ],
  )
}
