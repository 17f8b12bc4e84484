import assert from 'node:assert/strict'
import { it } from 'node:test'
import { loadConfiguration, type Overlay } from './load.ts'

const load = async (flags: Overlay, env: Readonly<Record<string, string>> = {}) =>
  (await loadConfiguration({ env, flags })).connectors

it('writes nowhere else where no real server is named', async () => {
  assert.deepEqual(
    (await load({ scenarios: ['factory', 'fleet'] })).map(({ name }) => name),
    ['postgres', 'logger'],
  )
})

it('brings factory and fleet into Kafka, under the topics that their users know, and sensors nowhere', async () => {
  const connectors = await load({ scenarios: ['factory', 'sensors', 'fleet'], servers: { kafka: ['k:9092'] } })
  const kafka = connectors.filter((one) => one.kind === 'kafka')
  assert.deepEqual(
    kafka.map(({ topic, filters, partitions, brokers }) => ({ topic, filters, partitions, brokers })),
    [
      { topic: 'telemetry', filters: ['factory/machines/+/telemetry'], partitions: 3, brokers: ['k:9092'] },
      { topic: 'fms-data-stream', filters: ['fms/data'], partitions: 3, brokers: ['k:9092'] },
    ],
  )
})

it('leaves alone a connector of that name, and a database that is named', async () => {
  const [first] = await load({ servers: { postgres: 'postgres://h/d' } })
  assert.equal(first?.kind === 'postgres' && first.url, 'postgres://h/d')
  const own = { ...first, kind: 'postgres', name: 'kafka-telemetry', url: 'postgres://own/d' } as const
  const given = { scenarios: ['factory'], servers: { kafka: ['k:9092'], postgres: 'postgres://h/d' } } as const
  const [only, ...others] = await load({ ...given, connectors: [own as never] })
  assert.deepEqual([only?.kind === 'postgres' && only.url, others], ['postgres://own/d', []])
})

it('is told by the environment too', async () => {
  const env = { HAWSER_SERVERS_KAFKA: 'a:1,b:2', HAWSER_SERVERS_POSTGRES: 'postgres://h/d' }
  const connectors = await load({ scenarios: ['fleet'] }, env)
  assert.deepEqual(
    connectors.flatMap((one) => (one.kind === 'kafka' ? one.brokers : [])),
    ['a:1', 'b:2'],
  )
  assert.ok(connectors.some((one) => one.kind === 'postgres' && one.url === 'postgres://h/d'))
})
