/** Raw telemetry: what stands in a row, and what becomes of a row or a statement that is refused. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { HawserError } from '@hawser/std'
import { append, appendMany, committed, contractLog, isCaughtUp, watch } from '../../contract/bench-log.ts'
import type { Database } from '../database/database.ts'
import { migrate, queryRawCount, rawConnector } from '../mod.ts'
import type { DatabaseUnderTest } from './database-under-test.ts'

export function rawSuite(subject: DatabaseUnderTest): void {
  describe(`${subject.name}: raw telemetry`, { skip: subject.skip ?? false }, () => {
    let database: Database
    before(async () => {
      database = await subject.database()
      await migrate(database)
    })
    it('keeps the bytes, and beside them JSON, the time of the message, or the reason', () => columns(database))
    it('keeps a refused row aside and writes the others', () => refusedRows(database))
    it('fails with the reason where the schema was tampered with, and goes on once it is mended', () =>
      failed(database))
    it('counts rows that are there already', () => duplicates(database))
    it('settles a commit whose outcome is unknown by reading the cursor', () => unknownOutcome(database))
  })
}

async function columns(database: Database): Promise<void> {
  await using log = contractLog()
  append(log, 'c/a', '{"timestamp":"2013-12-02 21:15:00","value":73.96732207}')
  append(log, 'c/a', '{"ts":1371600000,"big":9007199254740993}')
  append(log, 'c/a', '{"bare":NaN}')
  append(log, 'c/a', '{"nul":"\\u0000"}')
  append(log, 'c/a', '{"huge":1e400000}')
  await committed(log)
  await using watched = watch(log, rawConnector({ name: 'columns', database, filters: ['c/a'] }))
  await watched.until((view) => view.written === 5 && isCaughtUp(view))
  const { rows } = await database.query(
    `SELECT position, qos, retain, client_id, (extract(epoch FROM published_at))::bigint AS published,
       (extract(epoch FROM ingested_at) * 1000000)::bigint AS ingested, convert_from(payload, 'UTF8') AS payload,
       json::text AS json, reason
     FROM hawser.raw_telemetry WHERE log_id = $1 ORDER BY position`,
    [log.id],
  )
  const common = { qos: 1, retain: false, client_id: 'publisher-1' }
  assert.deepEqual(rows.slice(0, 2), [
    {
      position: 0,
      ...common,
      published: 1_386_018_900,
      ingested: 1_700_000_000_000_000,
      payload: '{"timestamp":"2013-12-02 21:15:00","value":73.96732207}',
      json: '{"value": 73.96732207, "timestamp": "2013-12-02 21:15:00"}',
      reason: null,
    },
    {
      position: 1,
      ...common,
      published: 1_371_600_000,
      ingested: 1_700_000_000_001_000,
      payload: '{"ts":1371600000,"big":9007199254740993}',
      json: '{"ts": 1371600000, "big": 9007199254740993}',
      reason: null,
    },
  ])
  assert.deepEqual(
    rows.slice(2).map((row) => [row['json'], String(row['reason']).split(':')[0]]),
    [
      [null, 'bare-nan'],
      [null, 'not-jsonb'],
      [null, 'not-jsonb'],
    ],
  )
}

async function refusedRows(database: Database): Promise<void> {
  await using log = contractLog()
  for (let number = 0; number < 100; number++) append(log, number % 40 === 7 ? 'forbidden' : 'allowed', `${number}`)
  await committed(log)
  await database.query(`ALTER TABLE hawser.raw_telemetry ADD CONSTRAINT planted CHECK (topic <> 'forbidden')`)
  try {
    const connector = rawConnector({ name: 'refused', database, filters: ['#'] })
    await using watched = watch(log, connector, { batchMessagesMax: 64 })
    const view = await watched.until((now) => isCaughtUp(now))
    assert.deepEqual([view.written, view.deadLetters, view.duplicates], [97, 3, 0])
  } finally {
    await database.query('ALTER TABLE hawser.raw_telemetry DROP CONSTRAINT planted')
  }
  const { rows } = await database.query(
    `SELECT position, convert_from(payload, 'UTF8') AS payload, reason ~ 'SQLSTATE 23514' AS told
     FROM hawser.dead_letters WHERE connector = 'refused' ORDER BY position`,
  )
  const expected = [7, 47, 87].map((position) => ({ position, payload: `${position}`, told: true }))
  assert.deepEqual(rows, expected)
}

async function failed(database: Database): Promise<void> {
  await using log = contractLog()
  appendMany(log, 20)
  await committed(log)
  await using watched = watch(log, rawConnector({ name: 'failed', database, filters: ['t/+'] }))
  await watched.until((view) => view.written === 10 && isCaughtUp(view))
  await database.query('ALTER TABLE hawser.raw_telemetry RENAME COLUMN qos TO gone')
  appendMany(log, 20)
  const { state } = await watched.until((view) => view.state.kind === 'failed')
  assert.match(state.kind === 'failed' ? state.reason : '', /SQLSTATE 42703/)
  await database.query('ALTER TABLE hawser.raw_telemetry RENAME COLUMN gone TO qos')
  watched.run.resume()
  await watched.until((view) => view.written === 20 && isCaughtUp(view))
  assert.equal(await rowsOf(database, log.id), 20)
}

async function duplicates(database: Database): Promise<void> {
  await using log = contractLog()
  appendMany(log, 20)
  await committed(log)
  const connector = rawConnector({ name: 'twice', database, filters: ['t/+'] })
  {
    await using watched = watch(log, connector)
    await watched.until((view) => view.written === 10 && isCaughtUp(view))
  }
  await database.query(`DELETE FROM hawser.cursors WHERE connector = 'twice'`)
  await using again = watch(log, connector)
  const view = await again.until((now) => now.duplicates === 10 && isCaughtUp(now))
  assert.equal(view.written, 0)
  assert.equal(await rowsOf(database, log.id), 10)
}

/** Every other commit succeeds, but its answer is lost. */
async function unknownOutcome(database: Database): Promise<void> {
  let calls = 0
  const losing: Database = {
    kind: database.kind,
    query: (sql, parameters) => database.query(sql, parameters),
    readOnly: (sql) => database.readOnly(sql),
    async transaction(work, signal) {
      const result = await database.transaction(work, signal)
      if (++calls % 4 === 0) throw new HawserError('SINK_UNAVAILABLE', 'the answer was lost', { retryable: true })
      return result
    },
    [Symbol.asyncDispose]: async () => {},
  }
  await using log = contractLog()
  appendMany(log, 100)
  await committed(log)
  await using watched = watch(log, rawConnector({ name: 'unknown', database: losing, filters: ['t/+'] }))
  const view = await watched.until(isCaughtUp)
  assert.equal(view.lastError, 'the answer was lost')
  assert.equal(view.duplicates, 0)
  assert.equal(await rowsOf(database, log.id), 50)
  assert.ok((await queryRawCount(database, 't/a')) >= 50)
}

async function rowsOf(database: Database, logId: string): Promise<number> {
  const { rows } = await database.query<{ readonly count: number }>(
    'SELECT count(*) AS count FROM hawser.raw_telemetry WHERE log_id = $1',
    [logId],
  )
  return rows[0]?.count ?? 0
}
