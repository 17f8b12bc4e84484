/** The table in the database: made, and expanded where the specification has grown; never changed otherwise. */
import { HawserError } from '@hawser/std'
import type { Queryable } from '../database/database.ts'
import { lockMigrations } from '../migrations/migrate.ts'
import { type ColumnDefinition, fixedColumns, type TableDefinition } from './definition.ts'
import { byTime, defaultOf, isPartedByTime } from './time-partitions.ts'
import { hasTimescale, makeHypertable } from './timescale.ts'

export async function ensureTable(transaction: Queryable, definition: TableDefinition): Promise<void> {
  const found = await columnsOf(transaction, definition.name)
  if (found.size > 0) await checkPartitions(transaction, definition)
  if (missingOf(definition, found).length === 0) return
  await lockMigrations(transaction)
  // Another program may have made it while this one waited for the lock.
  const before = await columnsOf(transaction, definition.name)
  if (before.size === 0) await createTable(transaction, definition)
  else for (const column of missingOf(definition, before)) await addColumn(transaction, definition, column)
}

function missingOf(definition: TableDefinition, found: ReadonlyMap<string, string>): readonly ColumnDefinition[] {
  const { name, columns } = definition
  if (found.size > 0) {
    const foreign = Object.keys(fixedColumns).find((fixed) => !found.has(fixed))
    if (foreign !== undefined) {
      throw refused(`hawser.${name} is another table: it has no column ${foreign}`, 'choose another name for the table')
    }
  }
  for (const column of columns) {
    const type = found.get(column.name)
    if (type === undefined || type === typeNames[column.type]) continue
    const message = `hawser.${name}.${column.name} is ${type}, and the specification says ${column.type}`
    throw refused(message, 'give the column of the new type another name')
  }
  return columns.filter((column) => !found.has(column.name))
}

/** As the catalog calls them. */
const typeNames: Readonly<Record<ColumnDefinition['type'], string>> = {
  bigint: 'bigint',
  integer: 'integer',
  'double precision': 'double precision',
  numeric: 'numeric',
  boolean: 'boolean',
  text: 'text',
  timestamptz: 'timestamp with time zone',
}

/** Empty where there is no such table. */
async function columnsOf(transaction: Queryable, table: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await transaction.query<{ readonly name: string; readonly type: string }>(
    `SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type FROM pg_attribute a
     WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped`,
    [`hawser."${table}"`],
  )
  return new Map(rows.map(({ name, type }) => [name, type]))
}

async function createTable(transaction: Queryable, definition: TableDefinition): Promise<void> {
  const { name, columns, partitionHours } = definition
  // A partitioned table's key has the time in it. A record has one ingest time for ever: so it is there once all the same.
  const key = partitionHours === undefined ? 'log_id, partition, position' : 'log_id, partition, position, ingested_at'
  const lines = [
    ...Object.entries(fixedColumns).map(([column, type]) => `${column} ${type}`),
    ...columns.map((column) => `"${column.name}" ${column.type}`),
    `PRIMARY KEY (${key})`,
  ]
  const isPartitioned = partitionHours !== undefined && !(await hasTimescale(transaction))
  await transaction.query(`CREATE TABLE hawser."${name}" (${lines.join(', ')}) ${isPartitioned ? byTime : ''}`)
  if (isPartitioned) {
    await transaction.query(`CREATE TABLE hawser."${defaultOf(name)}" PARTITION OF hawser."${name}" DEFAULT`)
  } else if (partitionHours !== undefined) await makeHypertable(transaction, name, partitionHours)
  await transaction.query(`CREATE INDEX ON hawser."${name}" USING brin (ingested_at)`)
  for (const column of columns) await commentOn(transaction, name, column)
}

/** A table cannot be parted later, nor put together again. */
async function checkPartitions(transaction: Queryable, { name, partitionHours }: TableDefinition): Promise<void> {
  const isParted = await isPartedByTime(transaction, name)
  if (isParted === (partitionHours !== undefined)) return
  const message = `hawser.${name} has ${isParted ? '' : 'no '}partitions, and the specification says otherwise`
  throw refused(message, 'choose another name for the table')
}

async function addColumn(transaction: Queryable, { name }: TableDefinition, column: ColumnDefinition): Promise<void> {
  await transaction.query(`ALTER TABLE hawser."${name}" ADD COLUMN "${column.name}" ${column.type}`)
  await commentOn(transaction, name, column)
}

async function commentOn(transaction: Queryable, table: string, { name, unit }: ColumnDefinition): Promise<void> {
  if (unit === undefined) return
  const text = unit.replaceAll("'", "''")
  await transaction.query(`COMMENT ON COLUMN hawser."${table}"."${name}" IS '${text}'`)
}

const refused = (message: string, mend: string): HawserError => new HawserError('SINK_REFUSED', message, { mend })
