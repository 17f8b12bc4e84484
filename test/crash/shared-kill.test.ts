/**
 * The broker's process is killed with SIGKILL while two durable members share what is published. What was acknowledged
 * to the publisher reaches one of them: at QoS 2 once, at QoS 1 at least once. HAWSER_KILLS sets the number of rounds.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { milliseconds, seededRandom, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import mqtt, { type MqttClient } from 'mqtt'
import { assertEvenBooks } from '../support/even-books.ts'
import { startHawser } from '../support/hawser-process.ts'
import { publishNumbers } from './publish-numbers.ts'

const kills = Number(process.env['HAWSER_KILLS'] ?? 5)
const upMsMax = 1_500
const qualities = [1, 2] as const
const ascending = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b)

it(`SIGKILL of the broker, ${kills} times: a shared subscription loses nothing, QoS 2 is one member's, once`, async () => {
  await using folder = await temporaryFolder()
  const random = seededRandom(20_261_125)
  const dataDir = `${folder.path}/data`
  let hawser = await startHawser({ dataDir, watched: true })
  const { port, webSocketPort } = hawser
  const connect = (clientId: string): MqttClient =>
    mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId, clean: false, reconnectPeriod: 20, protocolVersion: 4 })
  const received = new Map<number, number[]>(qualities.map((qos) => [qos, []]))
  const shares: number[] = []
  const members = ['one', 'two'].map((clientId, index) => {
    const client = connect(clientId)
    client.on('message', (topic, payload) => {
      received.get(Number(topic.at(-1)))?.push(Number(payload))
      shares[index] = (shares[index] ?? 0) + 1
    })
    return client
  })
  const filters = qualities.map((qos) => `$share/group/ledger/${qos}`)
  for (const member of members) await member.subscribeAsync(filters, { qos: 2 })
  const publishers = qualities.map((qos) => ({ qos, client: connect(`publisher-${qos}`) }))

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
  const arrived = (): boolean =>
    qualities.every((qos, index) => new Set(received.get(qos)).size === (counts[index] ?? 0))
  while (!arrived())
    await Promise.race(members.map((member) => new Promise((resolve) => member.once('message', resolve))))
  await Promise.all([...members, ...publishers.map(({ client }) => client)].map((client) => client.endAsync(true)))
  await hawser.end('SIGTERM')

  const all = (count = 0): number[] => Array.from({ length: count }, (_, index) => index)
  assert.deepEqual(ascending(new Set(received.get(1))), all(counts[0]), 'QoS 1: none is missing')
  assert.deepEqual(ascending(received.get(2) ?? []), all(counts[1]), 'QoS 2: each once')
  assert.ok(shares.length === 2 && shares.every((share) => share > kills), `both had a share: ${shares}`)
})
