import assert from 'node:assert/strict'
import { it } from 'node:test'
import { devicesLogin } from './devices-broker.ts'
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

it('takes what devices publish to another broker, last of all, logged in as its URL says', async () => {
  const servers = { kafka: ['k:9092'], mqtt: 'mqtt://site%207@h:2883' }
  const connectors = await load({ scenarios: ['factory', 'fleet'], servers })
  const bridge = connectors.at(-1)
  assert.ok(bridge?.kind === 'mqtt')
  const { name, direction, url, filters, username, password } = bridge
  assert.deepEqual([name, direction, url], ['mqtt-devices', 'in', 'mqtt://h:2883'])
  assert.deepEqual([filters, username, password], [['factory/#', 'fms/#'], 'site 7', { env: 'HAWSER_MQTT_PASSWORD' }])
  assert.equal(devicesLogin(servers.mqtt, { HAWSER_MQTT_PASSWORD: 'a:b/c' }), 'mqtt://site%207:a%3Ab%2Fc@h:2883')
  const open = await load({ scenarios: ['sensors'] }, { HAWSER_SERVERS_MQTT: 'mqtt://h' })
  assert.ok(open.some((one) => one.kind === 'mqtt' && one.url === 'mqtt://h' && one.username === undefined))
  await assert.rejects(load({}, { HAWSER_SERVERS_MQTT: 'mqtt://user:secret@h' }), /servers\.mqtt cannot be/)
})
