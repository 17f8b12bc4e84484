/** Tables in partitions by ingest time. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { MessageLog } from '@hawser/engine'
import { type EpochMicros, epochMicros, systemClock } from '@hawser/std'
import { append, committed, contractLog, isCaughtUp, watch } from '../../contract/bench-log.ts'
import type { Database } from '../database/database.ts'
import { migrate, type RawPartitions, rawConnector, type TableDefinition, typedConnector } from '../mod.ts'
import type { DatabaseUnderTest } from './database-under-test.ts'

export function partitionsSuite(subject: DatabaseUnderTest): void {
  describe(`${subject.name}: partitions`, { skip: subject.skip ?? false }, () => {
    let database: Database
    before(async () => {
      database = await subject.database()
      await migrate(database)
    })
    it('makes them before they are needed, and puts each row where its time is', () => madeAhead(database))
    it('drops what is older than the retention, and nothing for a clock that is ahead', () => dropped(database))
    it('holds a record once that comes again', () => once(database))
    it('refuses a table that is parted otherwise', () => otherwise(database))
    it('parts raw telemetry that was whole, keeps what it has, and drops what is old', () => raw(database))
    it('has TimescaleDB do it where it is there (by functions of its names: the extension is not to be had here)', () =>
      timescale(database))
  })
}

const hourMicros = 3_600_000_000
const thisHour = Math.floor(systemClock.wallMicros() / hourMicros)
/** The beginning of an hour, so many hours ago. */
const hoursAgo = (hours: number): EpochMicros => epochMicros((thisHour - hours) * hourMicros)
const digits = (time: EpochMicros): string => new Date(time / 1000).toISOString().replaceAll(/\D/g, '').slice(0, 10)

const hourly = (name: string, retentionHours?: number): TableDefinition => ({
  name,
  columns: [{ name: 'n', type: 'bigint', path: 'n' }],
  partitionHours: 1,
  retentionHours,
})

/** Appends a message at each of the hours, and lets a connector write them. */
async function write(database: Database, log: MessageLog, table: TableDefinition, hours: readonly number[]) {
  for (const hour of hours) {
    append(log, 't', `{"n":${hour}}`, { appendTime: epochMicros(hoursAgo(hour) + hourMicros / 2) })
  }
  await committed(log)
  const connector = typedConnector({ name: table.name.replaceAll('_', '-'), database, filters: ['#'], table })
  await using watched = watch(log, connector)
  return await watched.until((view) => isCaughtUp(view) && view.written + view.duplicates >= hours.length)
}

async function partitionsOf(database: Database, table: string): Promise<readonly unknown[]> {
  const { rows } = await database.query(
    `SELECT c.relname::text AS name FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
     WHERE inhparent = to_regclass($1) ORDER BY 1`,
    [`hawser.${table}`],
  )
  return rows.map(({ name }) => name)
}

const rowsOf = async (database: Database, table: string): Promise<readonly unknown[]> =>
  (
    await database.query(
      `SELECT n, (SELECT relname::text FROM pg_class WHERE oid = t.tableoid) AS place FROM hawser.${table} t ORDER BY position`,
    )
  ).rows

async function madeAhead(database: Database): Promise<void> {
  await using log = contractLog()
  await write(database, log, hourly('ahead'), [9, 5])
  const names = [9, 5, 4, 3, 2].map((hour) => `ahead_${digits(hoursAgo(hour))}`)
  // Of the hours from now on it made some too, or not yet.
  assert.deepEqual((await partitionsOf(database, 'ahead')).slice(0, 5), names)
  assert.deepEqual(await rowsOf(database, 'ahead'), [
    { n: 9, place: names[0] },
    { n: 5, place: names[1] },
  ])
}

async function dropped(database: Database): Promise<void> {
  await using log = contractLog()
  const table = hourly('kept', 3)
  await write(database, log, table, [9, 5])
  await write(database, log, table, [1])
  // Past the retention it has no partition made: this one waits in the default one for its end.
  await write(database, log, table, [8, 0])
  const names = await partitionsOf(database, 'kept')
  for (const hour of [9, 8, 5]) assert.ok(!names.includes(`kept_${digits(hoursAgo(hour))}`), `${hour}`)
  assert.ok(names.includes(`kept_${digits(hoursAgo(2))}`))
  await write(database, log, table, [-100_000])
  assert.deepEqual(await rowsOf(database, 'kept'), [
    { n: 1, place: `kept_${digits(hoursAgo(1))}` },
    { n: 0, place: `kept_${digits(hoursAgo(0))}` },
    { n: -100_000, place: `kept_${digits(hoursAgo(-100_000))}` },
  ])
}

async function once(database: Database): Promise<void> {
  await using log = contractLog()
  await write(database, log, hourly('again'), [3, 2])
  await database.query(`DELETE FROM hawser.cursors WHERE connector = 'again'`)
  const view = await write(database, log, hourly('again'), [])
  assert.equal(view.duplicates, 2)
  assert.equal((await rowsOf(database, 'again')).length, 2)
}

async function otherwise(database: Database): Promise<void> {
  await using log = contractLog()
  await write(database, log, hourly('parted'), [1])
  const { partitionHours: _, ...whole } = hourly('parted')
  await using watched = watch(log, typedConnector({ name: 'parted', database, filters: ['#'], table: whole }))
  const { state } = await watched.until((view) => view.state.kind === 'failed')
  assert.match(state.kind === 'failed' ? state.reason : '', /has partitions, and the specification says otherwise/)
}

async function raw(database: Database): Promise<void> {
  await using log = contractLog()
  const placesOf = async () =>
    (
      await database.query(
        `SELECT position, (SELECT relname::text FROM pg_class WHERE oid = t.tableoid) AS place
         FROM hawser.raw_telemetry t WHERE log_id = $1 ORDER BY position`,
        [log.id],
      )
    ).rows
  const writeRaw = async (hours: readonly number[], partitions?: RawPartitions) => {
    for (const hour of hours) append(log, 't', '{}', { appendTime: epochMicros(hoursAgo(hour) + hourMicros / 2) })
    await committed(log)
    await using watched = watch(log, rawConnector({ name: 'raw-parted', database, filters: ['#'], partitions }))
    return await watched.until((view) => isCaughtUp(view) && view.written + view.duplicates >= hours.length)
  }
  const [byDefault, at] = ['raw_telemetry_default', (hour: number) => `raw_telemetry_${digits(hoursAgo(hour))}`]
  await writeRaw([9, 5])
  const hourly = { partitionHours: 1 }
  await writeRaw([7, 5], hourly)
  assert.deepEqual(await placesOf(), [
    { position: 0, place: byDefault },
    { position: 1, place: byDefault },
    { position: 2, place: at(7) },
    // Where the default partition has rows of that hour they stay, and others with them.
    { position: 3, place: byDefault },
  ])
  await database.query(`DELETE FROM hawser.cursors WHERE connector = 'raw-parted'`)
  assert.equal((await writeRaw([], hourly)).duplicates, 4)
  await writeRaw([1, 0], { ...hourly, retentionHours: 6 })
  assert.deepEqual(await placesOf(), [
    { position: 1, place: byDefault },
    { position: 3, place: byDefault },
    { position: 4, place: at(1) },
    { position: 5, place: at(0) },
  ])
  assert.ok(!(await partitionsOf(database, 'raw_telemetry')).includes(at(7)))
  // Who says nothing of partitions writes into them all the same.
  await writeRaw([0])
  assert.deepEqual((await placesOf()).at(-1), { position: 6, place: at(0) })
}

async function timescale(database: Database): Promise<void> {
  await database.query('CREATE TABLE public.calls (name text, relation regclass, argument text)')
  await database.query(
    `CREATE FUNCTION create_hypertable(relation regclass, time_column name, chunk_time_interval interval) RETURNS void
     LANGUAGE sql AS $$ INSERT INTO public.calls VALUES ('create', relation, time_column || ' ' || chunk_time_interval) $$`,
  )
  await database.query(
    `CREATE FUNCTION drop_chunks(relation regclass, older_than timestamptz) RETURNS SETOF text
     LANGUAGE sql AS $$ INSERT INTO public.calls VALUES ('drop', relation, extract(epoch FROM older_than)::bigint)
     RETURNING argument $$`,
  )
  try {
    await using log = contractLog()
    await write(database, log, hourly('chunked', 2), [1])
    assert.deepEqual((await rowsOf(database, 'chunked')).length, 1)
    const calls = 'SELECT name, relation::regclass = $1::regclass AS same, argument FROM public.calls LIMIT 2'
    assert.deepEqual((await database.query(calls, ['hawser.chunked'])).rows, [
      { name: 'create', same: true, argument: 'ingested_at 01:00:00' },
      { name: 'drop', same: true, argument: String(hoursAgo(3) / 1_000_000) },
    ])
  } finally {
    await database.query('DROP FUNCTION create_hypertable')
    await database.query('DROP FUNCTION drop_chunks')
    await database.query('DROP TABLE public.calls')
  }
}
