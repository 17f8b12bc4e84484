/** Everything that the sink does, on a real InfluxDB that is killed now and then. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of ours
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { createMemoryState } from '@hawser/engine/memory'
import { epochMicros, systemClock } from '@hawser/std'
import { type InfluxServer, influxSkipReason, startInflux } from '../../../../test/servers/influxdb.ts'
import { startVictoria, victoriaSkipReason } from '../../../../test/servers/victoria-metrics.ts'
import { append, committed, contractLog, isCaughtUp, type WatchedRun, watch } from '../contract/bench-log.ts'
import { connectorContract } from '../contract/mod.ts'
import { poisonPayloads } from '../contract/poison.ts'
import { type ReceivedRequest, startHttpServer } from '../http/testing/http-server.ts'
import { type InfluxConnectorOptions, influxConnector } from './mod.ts'
import { influxUnderTest } from './testing/influx-under-test.ts'

const skip = influxSkipReason()
const waived: Readonly<Record<string, string>> = skip === false ? {} : { all: skip }

let running: Promise<InfluxServer> | undefined
const server = (): Promise<InfluxServer> => (running ??= startInflux())
after(async () => (await running)?.[Symbol.asyncDispose]())

connectorContract({ name: 'InfluxDB', waived, open: async () => influxUnderTest(await server()) })

interface Written {
  readonly server: InfluxServer
  readonly database: string
  readonly watched: WatchedRun
}

/** Payloads on `plant/1` in a database of their own. */
async function written(
  payloads: readonly (string | Buffer)[],
  options: Partial<InfluxConnectorOptions> = {},
): Promise<Written & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const influx = await server()
  const database = `own_${++databases}`
  await influx.query(database, `CREATE DATABASE ${database}`)
  const state = stack.use(createMemoryState())
  const log = stack.use(contractLog())
  // All in one microsecond: they stay apart.
  for (const payload of payloads) append(log, 'plant/1', payload, { appendTime: epochMicros(1_700_000_000_000_000) })
  await committed(log)
  const place = { api: 'v1', database } as const
  const common = { state, clock: systemClock, url: influx.url, place, filters: ['#'], measurement: 'm', lingerMs: 0 }
  const watched = stack.use(watch(log, influxConnector({ ...common, ...options }), { batchMessagesMax: 1_000 }))
  const owned = stack.move()
  return { server: influx, database, watched, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

let databases = 0

describe('InfluxDB, asked for what it holds', { skip }, () => {
  it('has numbers, texts and tags as they were, also those of one microsecond', async () => {
    const texts = ['a "quoted" \\ text, with = and\nlines', 'ü€😀', ' ']
    const payloads = texts.map((text) => JSON.stringify({ text, on: true, tag: text.replace('\n', ' ') }))
    const numbers = '{"big":9007199254740993,"real":-1.5e-3}'
    await using run = await written([...payloads, numbers], { tags: ['tag=${payload.tag}'], numbers: 'typed' })
    await run.watched.until((view) => view.written === 4 && isCaughtUp(view))
    const found = await run.server.query(run.database, 'SELECT text, "on", "tag" FROM m')
    assert.deepEqual(
      found.slice(0, 3).map(([, text, on, tag]) => [text, on, tag]),
      texts.map((text) => [text, true, text.replace('\n', ' ')]),
    )
    const csv = await run.server.csv(run.database, 'SELECT big, real FROM m WHERE big > 0')
    assert.match(csv, /,1700000000000000003,9007199254740993,-0\.0015\n/)
  })

  it('keeps aside one of many, whose field has another type than before', async () => {
    const payloads = Array.from({ length: 500 }, (_, n) => (n === 321 ? '{"v":"text"}' : `{"v":${n}}`))
    await using run = await written(payloads)
    const view = await run.watched.until(isCaughtUp)
    assert.deepEqual([view.written, view.deadLetters], [499, 1])
    const [letter] = await run.watched.run.deadLetters(10)
    assert.deepEqual([letter?.position, /field type conflict/.test(letter?.reason ?? '')], [321, true])
    assert.deepEqual((await run.server.query(run.database, 'SELECT count(v) FROM m'))[0]?.[1], 499)
  })

  it('takes or keeps aside each of what breaks others', async () => {
    await using run = await written([...poisonPayloads, '{"good":1}'])
    const view = await run.watched.until(isCaughtUp)
    assert.equal(view.written + view.deadLetters, poisonPayloads.length + 1)
    assert.equal((await run.server.query(run.database, 'SELECT good FROM m')).length, 1)
    const letters = await run.watched.run.deadLetters(100)
    assert.equal(letters.length, view.deadLetters)
    // Each that is neither written nor refused by us the server has refused by name.
    for (const { reason } of letters) assert.match(reason, /^(no-fields|not-a-number|not-exact|400: )/)
  })

  it('fails where there is no such database', async () => {
    await using run = await written(['{"v":1}'], { place: { api: 'v1', database: 'nowhere' } })
    const { state } = await run.watched.until((view) => view.state.kind === 'failed')
    assert.match(state.kind === 'failed' ? state.reason : '', /answered 404.*database not found/)
  })
})

describe('the API of InfluxDB 2', { skip }, () => {
  it('is what VictoriaMetrics takes, compressed or not', { skip: victoriaSkipReason() }, async () => {
    await using victoria = await startVictoria()
    for (const gzip of [true, false]) {
      const measurement = gzip ? 'zipped' : 'plain'
      const place = { api: 'v2', bucket: 'b', organization: 'o' } as const
      const options = { url: victoria.url, place, gzip, measurement, tags: ['machine=${topic.2}'] }
      await using run = await written(['{"v":1.5}', '{"v":2.5}'], options)
      await run.watched.until((view) => view.written === 2)
      const [series] = await victoria.export(`${measurement}_v`)
      assert.deepEqual([series?.metric['machine'], series?.values], ['1', [1.5, 2.5]])
    }
  })

  it('is asked with token or user, for bucket and organization, in nanoseconds', async () => {
    const seen: ReceivedRequest[] = []
    await using fake = await startHttpServer((request) => {
      seen.push(request)
      return { status: 204 }
    })
    const url = new URL('/', fake.url).href
    const place = { api: 'v2', bucket: 'a b', organization: 'o' } as const
    await using _token = await written(['{"v":1}'], { url, place, login: { kind: 'token', token: 'T' } })
    await _token.watched.until((view) => view.written === 1)
    const login = { kind: 'user', username: 'u', password: 'p' } as const
    await using _user = await written(['{"v":1}'], { url, place: { api: 'v1', database: 'd' }, login, gzip: false })
    await _user.watched.until((view) => view.written === 1)
    assert.deepEqual(
      seen.map(({ url, headers }) => [url, headers.authorization]),
      [
        ['/api/v2/write?bucket=a+b&org=o&precision=ns', 'Token T'],
        ['/write?db=d&precision=n', 'Basic dTpw'],
      ],
    )
    assert.equal(gunzipSync(seen[0]?.body ?? '').toString(), 'm v=1 1700000000000000000\n')
    assert.equal(seen[1]?.body.toString(), 'm v=1 1700000000000000000\n')
  })
})
