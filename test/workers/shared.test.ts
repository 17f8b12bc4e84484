/** A shared subscription over the processes of `hawser broker --workers 2`, with an independent client. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import mqtt, { type MqttClient } from 'mqtt'
import { type TwoWorkers, twoWorkers, until } from './two-workers.ts'

const memberCount = 8
const publisherCount = 4
const messagesEach = 300

/** One whose session outlives its connection, and its process: it comes back by itself, until the stack is disposed of. */
async function durable(
  { port }: TwoWorkers,
  clientId: string,
  version: 4 | 5,
  stack: AsyncDisposableStack,
): Promise<MqttClient> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
    clientId,
    clean: false,
    protocolVersion: version,
    ...(version === 5 && { properties: { sessionExpiryInterval: 3_600 } }),
    reconnectPeriod: 50,
  })
  client.on('error', () => undefined)
  stack.defer(async () => void (await client.endAsync(true)))
  await new Promise<void>((resolve) => client.once('connect', () => resolve()))
  return client
}

/** `arrived`: by payload, how often it came. */
async function member(
  two: TwoWorkers,
  index: number,
  qos: 1 | 2,
  arrived: Map<string, number>,
  stack: AsyncDisposableStack,
): Promise<void> {
  const client = await durable(two, `member-${index}`, 5, stack)
  client.on('message', (_topic, payload) => {
    const text = payload.toString()
    arrived.set(text, (arrived.get(text) ?? 0) + 1)
  })
  await client.subscribeAsync('$share/g/load/+', { qos })
}

const many = <Made>(count: number, make: (index: number) => Promise<Made>): Promise<Made[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)))

describe('a group over two processes', () => {
  for (const qos of [1, 2] as const) {
    it(`QoS ${qos}: nothing that was acknowledged is lost when one of them is killed`, {
      timeout: 180_000,
    }, async () => {
      await using folder = await temporaryFolder()
      await using two = await twoWorkers(folder.path)
      const arrived = new Map<string, number>()
      await using clients = new AsyncDisposableStack()
      await many(memberCount, (index) => member(two, index, qos, arrived, clients))
      // 3.1.1: the client takes the 0x92 of a PUBREL that is repeated for an error.
      const publishers = await many(publisherCount, (index) => durable(two, `publisher-${index}`, 4, clients))
      const sent: string[] = []
      const publishing = publishers.map(async (publisher, index) => {
        for (let n = 0; n < messagesEach; n++) {
          const payload = `${index}/${n}`
          await publisher.publishAsync(`load/${n % 5}`, payload, { qos })
          sent.push(payload)
        }
      })
      await until('half of it is published', () => sent.length > (publisherCount * messagesEach) / 2)
      const [first] = two.workers()
      assert.ok(first)
      process.kill(first, 'SIGKILL')
      await Promise.all(publishing)
      await until('all has arrived', () => sent.every((payload) => arrived.has(payload)))
      if (qos === 2)
        assert.deepEqual(
          [...arrived].filter(([, times]) => times > 1),
          [],
        )
    })
  }
})
