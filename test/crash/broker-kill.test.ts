/**
 * The broker's process is killed with SIGKILL at random instants under load. Independent clients keep the ledger: what
 * was acknowledged to the publisher arrives at the durable subscriber; at QoS 2 once and in order, at QoS 1 at least
 * once, first deliveries in order. HAWSER_KILLS sets another number of rounds.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { milliseconds, seededRandom, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import mqtt, { type MqttClient } from 'mqtt'
import { assertEvenBooks } from '../support/even-books.ts'
import { startHawser } from '../support/hawser-process.ts'
import { publishNumbers, publishOnce } from './publish-numbers.ts'

const kills = Number(process.env['HAWSER_KILLS'] ?? 8)
const upMsMax = 700
const qualities = [1, 2] as const

it(`SIGKILL of the broker, ${kills} times: nothing acknowledged is lost, QoS 2 is exactly once`, async () => {
  await using folder = await temporaryFolder()
  const random = seededRandom(20_261_121)
  const dataDir = `${folder.path}/data`
  let hawser = await startHawser({ dataDir, watched: true })
  const { port, webSocketPort } = hawser
  const connect = (clientId: string): MqttClient =>
    mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId, clean: false, reconnectPeriod: 20, protocolVersion: 4 })
  const publishers = qualities.map((qos) => ({ qos, client: connect(`publisher-${qos}`) }))
  const subscriber = connect('subscriber')
  const received = new Map<number, number[]>(qualities.map((qos) => [qos, []]))
  subscriber.on('message', (topic, payload) => received.get(Number(topic.at(-1)))?.push(Number(payload)))
  await subscriber.subscribeAsync(
    qualities.map((qos) => `ledger/${qos}`),
    { qos: 2 },
  )

  let running = true
  const published = publishers.map(({ qos, client }) => publishNumbers(client, `ledger/${qos}`, qos, () => running))
  for (let kill = 0; kill < kills; kill++) {
    await sleep(systemClock, milliseconds(random.integer(upMsMax)))
    await assertEvenBooks(hawser)
    const { signal } = await hawser.end('SIGKILL')
    assert.equal(signal, 'SIGKILL')
    hawser = await startHawser({ dataDir, port, webSocketPort, watched: true })
  }
  await assertEvenBooks(hawser)
  running = false
  const counts = await Promise.all(published)
  for (const [index, qos] of qualities.entries()) {
    const { client } = publishers[index] ?? assert.fail()
    await publishOnce(client, `ledger/${qos}`, '-1', qos)
    while (!received.get(qos)?.includes(-1)) await new Promise((resolve) => subscriber.once('message', resolve))
  }
  await Promise.all([subscriber, ...publishers.map(({ client }) => client)].map((client) => client.endAsync(true)))
  await hawser.end('SIGTERM')

  const [atLeastOnce = [], exactlyOnce = []] = qualities.map((qos) => (received.get(qos) ?? []).filter((n) => n >= 0))
  const all = (count = 0): number[] => Array.from({ length: count }, (_, index) => index)
  assert.deepEqual(
    [...new Set(atLeastOnce)].sort((a, b) => a - b),
    all(counts[0]),
    'QoS 1: none is missing',
  )
  assert.deepEqual(
    [...exactlyOnce].sort((a, b) => a - b),
    all(counts[1]),
    'QoS 2: each once',
  )
  assert.ok((counts[0] ?? 0) > kills && (counts[1] ?? 0) > kills, 'there was load')
})
