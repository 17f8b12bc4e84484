/** Tables with typed columns: what a value becomes, what is flagged, and how a table grows with its specification. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { append, committed, contractLog, isCaughtUp, watch } from '../../contract/bench-log.ts'
import type { Database } from '../database/database.ts'
import { type ColumnDefinition, migrate, typedConnector } from '../mod.ts'
import type { DatabaseUnderTest } from './database-under-test.ts'

/** Payloads `{"timestamp":"…","value":…}`, or why there are none. */
export interface RecordedPayloads {
  readonly skip: string | false
  payloads(): readonly string[]
}

export function typedSuite(subject: DatabaseUnderTest, recorded: RecordedPayloads): void {
  describe(`${subject.name}: typed columns`, { skip: subject.skip ?? false }, () => {
    let database: Database
    before(async () => {
      database = await subject.database()
      await migrate(database)
    })
    it('reads values from their text, and topic levels', () => values(database))
    it('keeps what is out of range, of another type or no JSON, and says so', () => flags(database))
    it('keeps unknown fields in rest as they were written', () => rest(database))
    it('grows with its specification, once for two that start together', () => growth(database))
    it('refuses a column of another type, and a table that is not its own', () => refusals(database))
    it('holds a recording row for row', { skip: recorded.skip }, () => recording(database, recorded.payloads()))
  })
}

interface Written {
  readonly table: string
  readonly columns: readonly ColumnDefinition[]
  readonly messages: readonly (readonly [topic: string, payload: string | Buffer])[]
  readonly batchMessagesMax?: number
}

/** Answers `select` of the rows, in order. */
async function written(
  database: Database,
  { table, columns, messages, batchMessagesMax = 5 }: Written,
  select: string,
) {
  await using log = contractLog()
  for (const [topic, payload] of messages) append(log, topic, payload)
  await committed(log)
  const connector = typedConnector({
    name: `typed-${table}`,
    database,
    filters: ['#'],
    table: { name: table, columns },
  })
  await using watched = watch(log, connector, { batchMessagesMax })
  const view = await watched.until((now) => isCaughtUp(now) && now.written + now.deadLetters === messages.length)
  assert.equal(view.deadLetters, 0)
  await database.query('DELETE FROM hawser.cursors WHERE connector = $1', [`typed-${table}`])
  const { rows } = await database.query(
    `SELECT ${select} FROM hawser."${table}" WHERE log_id = $1 ORDER BY partition, position`,
    [log.id],
  )
  return rows
}

async function values(database: Database): Promise<void> {
  const columns: readonly ColumnDefinition[] = [
    { name: 'line', type: 'text', topicLevel: 1 },
    { name: 'number', type: 'bigint', topicLevel: 2 },
    { name: 'big', type: 'bigint', path: 'big' },
    { name: 'exact', type: 'numeric', path: 'exact' },
    { name: 'rpm', type: 'double precision', path: 'motor.rpm', unit: "1/min, the motor's" },
    { name: 'lax', type: 'double precision', path: 'lax', coerce: true },
    { name: 'on', type: 'boolean', path: 'on' },
    { name: 'at', type: 'timestamptz', path: 'at', zone: 'Europe/Berlin' },
    { name: 'seconds', type: 'timestamptz', path: 'seconds', timeFormat: 'unix-seconds' },
  ]
  const first =
    '{"big":9007199254740993,"exact":1.0,"motor":{"rpm":1.5e3},"lax":" 7.25 ","on":false,"at":"2025-06-18T10:47:25.054588","seconds":1371600000.5}'
  const rows = await written(
    database,
    {
      table: 'typed_values',
      columns,
      messages: [
        ['f/l1/12', first],
        ['f', '{"big":null,"on":true}'],
      ],
    },
    `line, number, big::text AS big, exact::text AS exact, rpm, lax, "on",
     (extract(epoch FROM at) * 1000000)::bigint AS at, extract(epoch FROM seconds)::text AS seconds, flags, rest,
     convert_from(payload, 'UTF8') AS payload`,
  )
  const none = { exact: null, rpm: null, lax: null, at: null, seconds: null }
  assert.deepEqual(rows, [
    {
      ...{ line: 'l1', number: 12, big: '9007199254740993', exact: '1.0', rpm: 1500, lax: 7.25, on: false },
      ...{ at: 1_750_236_445_054_588, seconds: '1371600000.500000', flags: null, payload: first },
      rest: { motor: { rpm: 1500 } },
    },
    {
      line: null,
      number: null,
      big: null,
      ...none,
      on: true,
      flags: null,
      rest: null,
      payload: '{"big":null,"on":true}',
    },
  ])
}

async function flags(database: Database): Promise<void> {
  const columns: readonly ColumnDefinition[] = [
    { name: 'n', type: 'integer', path: 'n', min: 0, max: 100 },
    { name: 'd', type: 'double precision', path: 'd' },
    { name: 'big', type: 'bigint', path: 'big' },
    { name: 't', type: 'text', path: 't' },
  ]
  const payloads = [
    '{"n":101}',
    '{"n":2147483648}',
    '{"n":"5"}',
    '{"n":5.5}',
    '{"n":5.0}',
    '{"d":1e999}',
    '{"d":1e-380}',
    '{"big":9223372036854775808,"t":7}',
    '{"big":4503599627370497.4}',
    '{"t":"\\u0000"}',
    '{"n":NaN}',
    Buffer.from([0xff, 0x00]),
  ]
  const rows = await written(
    database,
    { table: 'typed_flags', columns, messages: payloads.map((payload) => ['f', payload]) },
    `n, d, big, t, flags::text AS flags, split_part(reason, ':', 1) AS reason`,
  )
  const row = (flags: string | null, values: object = {}) => ({
    ...{ n: null, d: null, big: null, t: null, flags: flags === null ? null : `{${flags}}`, reason: null },
    ...values,
  })
  assert.deepEqual(rows, [
    row('n:out-of-range', { n: 101 }),
    row('n:out-of-range'),
    row('n:wrong-type'),
    row('n:wrong-type'),
    row(null, { n: 5 }),
    row('d:wrong-type'),
    row('d:out-of-range'),
    row('big:out-of-range,t:wrong-type'),
    row('big:wrong-type'),
    row('t:wrong-type'),
    row(null, { reason: 'bare-nan' }),
    row(null, { reason: 'not-utf8' }),
  ])
}

async function rest(database: Database): Promise<void> {
  const columns: readonly ColumnDefinition[] = [{ name: 'a', type: 'bigint', path: 'a' }]
  const payloads = [
    '{"a":1,"b":9007199254740993,"c":[1.0]}',
    '{"a":1}',
    '["a","b"]',
    '7',
    '{"a":1,"b":"\\u0000"}',
    '{"a":1,"b":1e400000}',
  ]
  const rows = await written(
    database,
    { table: 'typed_rest', columns, messages: payloads.map((payload) => ['f', payload]) },
    `a, rest::text AS rest, split_part(reason, ':', 1) AS reason`,
  )
  assert.deepEqual(rows, [
    { a: 1, rest: '{"b": 9007199254740993, "c": [1.0]}', reason: null },
    { a: 1, rest: null, reason: null },
    { a: null, rest: '["a", "b"]', reason: null },
    { a: null, rest: '7', reason: null },
    { a: 1, rest: null, reason: 'not-jsonb' },
    { a: 1, rest: null, reason: 'not-jsonb' },
  ])
}

async function growth(database: Database): Promise<void> {
  const a: ColumnDefinition = { name: 'a', type: 'bigint', path: 'a' }
  const b: ColumnDefinition = { name: 'b', type: 'text', path: 'b' }
  const messages = [['f', '{"a":1,"b":"x"}']] as const
  const [before] = await written(database, { table: 'typed_growth', columns: [a], messages }, 'a, rest')
  assert.deepEqual(before, { a: 1, rest: { b: 'x' } })
  const both = { table: 'typed_growth', columns: [a, b], messages }
  const grown = await Promise.all([1, 2].map(() => grow(database, both)))
  assert.deepEqual(grown, [undefined, undefined])
  const [after] = await written(database, both, 'a, b, rest')
  assert.deepEqual(after, { a: 1, b: 'x', rest: null })
  // A column that the specification names no more stays, and is filled no more.
  const [less] = await written(database, { ...both, columns: [b] }, 'a, b, rest')
  assert.deepEqual(less, { a: null, b: 'x', rest: { a: 1 } })
}

let growing = 0
async function grow(database: Database, { table, columns }: Written): Promise<void> {
  await using log = contractLog()
  const name = `growing-${++growing}`
  await using _sink = await typedConnector({ name, database, filters: ['#'], table: { name: table, columns } }).open(
    log.id,
    new AbortController().signal,
  )
}

async function refusals(database: Database): Promise<void> {
  const messages = [['f', '{"a":1}']] as const
  const column: ColumnDefinition = { name: 'a', type: 'bigint', path: 'a' }
  await written(database, { table: 'typed_refusals', columns: [column], messages }, 'a')
  await assert.rejects(grow(database, { table: 'typed_refusals', columns: [{ ...column, type: 'text' }], messages }), {
    code: 'SINK_REFUSED',
    message: /typed_refusals\.a is bigint, and the specification says text/,
  })
  await assert.rejects(grow(database, { table: 'dead_letters', columns: [column], messages }), {
    code: 'SINK_REFUSED',
    message: /dead_letters is another table/,
  })
  for (const wrong of [{ name: 'a"b' }, { name: 'topic' }, { topicLevel: 1 }, { min: 2, max: 1 }]) {
    await assert.rejects(
      async () => grow(database, { table: 'typed_wrong', columns: [{ ...column, ...wrong }], messages }),
      {
        code: 'CONFIG_INVALID',
      },
    )
  }
}

async function recording(database: Database, payloads: readonly string[]): Promise<void> {
  assert.ok(payloads.length > 20_000)
  const columns: readonly ColumnDefinition[] = [
    { name: 'at', type: 'timestamptz', path: 'timestamp' },
    { name: 'value', type: 'numeric', path: 'value' },
  ]
  const messages = payloads.map((payload) => ['f', payload] as const)
  const rows = await written(
    database,
    { table: 'typed_recording', columns, messages, batchMessagesMax: 4_000 },
    `to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS at, value`,
  )
  assert.deepEqual(
    rows.map(({ at, value }) => `{"timestamp":"${at}","value":${value}}`),
    payloads,
  )
}
