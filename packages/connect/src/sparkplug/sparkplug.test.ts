/** From the log to decoded topics, through crashes, with a host that writes down what it is told to publish. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of ours
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MessageLog, StateStore } from '@hawser/engine'
import { createMemoryState } from '@hawser/engine/memory'
import { epochMicros, HawserError, systemClock } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { append, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import type { SparkplugHost } from './host.ts'
import { type SparkplugConnectorOptions, sparkplugConnector } from './mod.ts'
import { RebirthPace } from './rebirth.ts'
import { tahuPayload } from './testing/payloads.ts'

interface FakeHost {
  readonly published: { topic: string; payload: string }[]
  announced: number
  isAway: boolean
  readonly open: () => Promise<SparkplugHost>
}

function fakeHost(): FakeHost {
  const away = new HawserError('SINK_UNAVAILABLE', 'the broker is away', { retryable: true })
  const fake: FakeHost = {
    published: [],
    announced: 0,
    isAway: false,
    open: async () => {
      if (fake.isAway) throw away
      return {
        async publish(topic, payload) {
          if (fake.isAway) throw away
          fake.published.push({ topic, payload: payload.toString() })
        },
        announce: async () => void fake.announced++,
        check() {
          if (fake.isAway) throw away
        },
        [Symbol.asyncDispose]: async () => {},
      }
    },
  }
  return fake
}

const now = () => ({ appendTime: systemClock.wallMicros() })
const publish = (log: MessageLog, topic: string, payload: string): void =>
  append(log, `spBv1.0/plant/${topic}`, tahuPayload(payload), now())

const connectorOver = (state: StateStore, host: FakeHost, options: Partial<SparkplugConnectorOptions> = {}) =>
  sparkplugConnector({ state, clock: systemClock, broker: { url: 'mqtt://nowhere' }, openHost: host.open, ...options })

async function decodedOnce(
  log: MessageLog,
  state: StateStore,
  host: FakeHost,
  options: Partial<SparkplugConnectorOptions> = {},
) {
  await committed(log)
  await using watched = watch(log, connectorOver(state, host, options))
  return await watched.until(isCaughtUp)
}

const isCommand = ({ topic }: { topic: string }): boolean => topic.includes('/NCMD/')
const documents = (host: FakeHost) => host.published.filter((one) => !isCommand(one))

describe('Sparkplug out of the log', () => {
  it('is a document for each message, under group, node and device', async () => {
    await using log = contractLog()
    await using state = createMemoryState()
    const host = fakeHost()
    publish(log, 'NBIRTH/line', 'node_birth')
    publish(log, 'DBIRTH/line/press', 'device_birth_1')
    publish(log, 'DDATA/line/press', 'device_data_2')
    publish(log, 'NDEATH/line', 'node_death')
    await decodedOnce(log, state, host)
    assert.deepEqual(
      host.published.map(({ topic, payload }) => [topic, JSON.parse(payload).type, JSON.parse(payload).online]),
      [
        ['sparkplug/plant/line', 'NBIRTH', true],
        ['sparkplug/plant/line/press', 'DBIRTH', true],
        ['sparkplug/plant/line/press', 'DDATA', true],
        ['sparkplug/plant/line', 'NDEATH', false],
      ],
    )
    assert.equal(
      host.published[2]?.payload,
      '{"type":"DDATA","group":"plant","node":"line","device":"press","online":true,"timestamp":1700000000000,"metrics":{"count":-6}}',
    )
  })

  it('is a message for each metric where the template asks for that, with its own time', async () => {
    await using log = contractLog()
    await using state = createMemoryState()
    const host = fakeHost()
    publish(log, 'NBIRTH/line', 'node_birth')
    publish(log, 'NDATA/line', 'historical_1')
    await decodedOnce(log, state, host, { topic: 'values/${node}/${device}/${metric}' })
    assert.deepEqual(
      host.published.map(({ topic, payload }) => `${topic} ${payload}`),
      [
        'values/line/bdSeq {"value":3,"timestamp":1700000000000}',
        'values/line/Node Control/Rebirth {"value":false,"timestamp":1700000000000}',
        'values/line/temperature {"value":20.5,"timestamp":1700000000000}',
        'values/line/temperature {"value":19.5,"timestamp":1699999940000,"historical":true}',
      ],
    )
  })

  it('goes on after a crash by the births of before', async () => {
    await using log = contractLog()
    await using state = createMemoryState()
    publish(log, 'NBIRTH/line', 'node_birth')
    publish(log, 'DBIRTH/line/press', 'device_birth_1')
    await decodedOnce(log, state, fakeHost())
    publish(log, 'DDATA/line/press', 'device_data_2')
    publish(log, 'NDATA/line', 'node_data_3')
    const host = fakeHost()
    const view = await decodedOnce(log, state, host)
    assert.deepEqual([view.deadLetters, host.published.length], [0, 2])
    assert.deepEqual(JSON.parse(host.published[1]?.payload ?? '').metrics, { temperature: 22.5 })
  })

  it('loses nothing while the broker is away', async () => {
    await using log = contractLog()
    await using state = createMemoryState()
    const host = fakeHost()
    await using watched = watch(log, connectorOver(state, host))
    publish(log, 'NBIRTH/line', 'node_birth')
    await watched.until((view) => view.written === 1)
    host.isAway = true
    publish(log, 'NDATA/line', 'node_data_1')
    await watched.until((view) => view.lastError !== undefined)
    host.isAway = false
    await watched.until((view) => view.written === 2 && isCaughtUp(view))
    assert.deepEqual([documents(host).length, host.published.some(isCommand)], [2, false])
  })

  it('keeps aside what cannot be decoded, asks for a birth, and takes it afterwards', async () => {
    await using log = contractLog()
    await using state = createMemoryState()
    const host = fakeHost()
    publish(log, 'NDATA/line', 'node_data_1')
    append(log, 'spBv1.0/plant/NDATA/line', 'no protobuf', now())
    append(log, 'spBv1.0/else', '', now())
    await committed(log)
    await using watched = watch(log, connectorOver(state, host))
    await watched.until((view) => view.deadLetters === 3 && isCaughtUp(view))
    assert.deepEqual(
      host.published.map(({ topic }) => topic),
      ['spBv1.0/plant/NCMD/line'],
    )
    const letters = await watched.run.deadLetters(10)
    assert.deepEqual(
      letters.map(({ reason }) => reason.split(':')[0]),
      ['no-birth', 'no-payload', 'no-sparkplug'],
    )
    publish(log, 'NBIRTH/line', 'node_birth')
    await watched.until((view) => view.written === 1 && isCaughtUp(view))
    assert.deepEqual(await watched.run.replay(), { written: 1, refused: 2, gone: 0 })
    assert.deepEqual(JSON.parse(host.published.at(-1)?.payload ?? '').metrics, { temperature: 21.5 })
  })

  it('asks for no birth because of what was published long ago, before it has read what came after', async () => {
    await using log = contractLog()
    await using state = createMemoryState()
    const host = fakeHost()
    append(log, 'spBv1.0/plant/NDATA/line', tahuPayload('node_data_1'), { appendTime: epochMicros(1e15) })
    publish(log, 'NBIRTH/line', 'node_birth')
    await committed(log)
    await using watched = watch(log, connectorOver(state, host), { batchMessagesMax: 1 })
    await watched.until((view) => view.written === 1 && isCaughtUp(view))
    assert.equal(host.published.some(isCommand), false)
  })

  it('says again that it is there where somebody says that it is not', async () => {
    await using log = contractLog()
    await using state = createMemoryState()
    const host = fakeHost()
    append(log, 'spBv1.0/STATE/scada', '{"online":true,"timestamp":5}', now())
    append(log, 'spBv1.0/STATE/other', '{"online":false,"timestamp":5}', now())
    await decodedOnce(log, state, host, { hostId: 'scada' })
    assert.equal(host.announced, 0)
    append(log, 'spBv1.0/STATE/scada', '{"online":false,"timestamp":5}', now())
    await decodedOnce(log, state, host, { hostId: 'scada' })
    assert.equal(host.announced, 1)
  })

  it('is bounded in nodes, and forgets those that are dead', async () => {
    await using log = contractLog()
    await using state = createMemoryState()
    for (const node of ['a', 'b', 'c']) publish(log, `NBIRTH/${node}`, 'node_birth')
    publish(log, 'NDEATH/a', 'node_death')
    publish(log, 'NBIRTH/c', 'node_birth')
    const view = await decodedOnce(log, state, fakeHost(), { nodesMax: 2 })
    assert.deepEqual([view.written, view.deadLetters], [4, 1])
    const rows: string[] = []
    for await (const { key } of state.scan('sparkplug')) rows.push(key)
    assert.deepEqual(
      rows,
      ['b', 'c']
        .map((node) => `sparkplug/birth/plant/${node}/`)
        .concat(['b', 'c'].map((node) => `sparkplug/session/plant/${node}`)),
    )
  })

  it('refuses a template that makes no topic, or one of Sparkplug', () => {
    const common = { state: createMemoryState(), clock: systemClock, broker: { url: 'mqtt://a' } }
    for (const topic of ['', 'a/#', '${nothing}', 'spBv1.0/${group}', 'a/${group'])
      assert.throws(() => sparkplugConnector({ ...common, topic }), { code: 'CONFIG_INVALID' }, topic)
    assert.throws(() => sparkplugConnector({ ...common, hostId: 'a/b' }), { code: 'CONFIG_INVALID' })
  })
})

it('a node that does not answer is asked again after a while, few at a time', () => {
  const clock = new ManualClock()
  const pace = new RebirthPace(clock, 30_000)
  const nodes = Array.from({ length: 30 }, (_, n) => ({ group: 'g', node: `${n}` }))
  assert.deepEqual([pace.due(nodes).length, pace.due(nodes).length], [20, 0])
  clock.advance(1_000)
  assert.deepEqual([pace.due(nodes).length, pace.due(nodes).length], [10, 0])
  clock.advance(28_999)
  assert.equal(pace.due(nodes).length, 0)
  clock.advance(1)
  assert.equal(pace.due(nodes.slice(0, 1)).length, 1)
})
