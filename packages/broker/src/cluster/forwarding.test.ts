import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SimulatedSchedule } from '@hawser/engine/simulated'
import { milliseconds, systemClock } from '@hawser/std'
import type { ProcessUnderTest } from '../testing/host-under-test.ts'
import { processesUnderTest } from '../testing/processes-under-test.ts'
import type { AnyPacket, RawClient } from '../testing/raw-client.ts'

const topicsOf = (packets: readonly AnyPacket[]): string[] => packets.map(({ topic }) => String(topic))

/** What has come to a client by now, also by way of other processes. */
async function arrived(client: RawClient, count: number): Promise<AnyPacket[]> {
  const packets: AnyPacket[] = []
  while (packets.length < count) packets.push(await client.receive('publish'))
  packets.push(...(await client.untilPong()))
  return packets
}

const pair = (all: readonly ProcessUnderTest[]): [ProcessUnderTest, ProcessUnderTest] => {
  const [a, b] = all
  assert.ok(a && b)
  return [a, b]
}

describe('QoS 0 between processes', () => {
  it('arrives after SUBACK on any other process, every time, however late the bus is', {
    timeout: 60_000,
  }, async () => {
    const hostSchedule: SimulatedSchedule = ({ kind }, run) => {
      if (kind === 'message') systemClock.after(milliseconds(3), run)
      else setImmediate(run)
    }
    await using under = await processesUnderTest(3, { hostSchedule })
    for (let round = 0; round < 30; round++) {
      const [from, to] = [under.processes[round % 3], under.processes[(round + 1) % 3]]
      assert.ok(from && to)
      const [publisher, subscriber] = [await from.connect(), await to.connect()]
      await subscriber.subscribe(`late/${round}/#`)
      publisher.publish(`late/${round}/x`, 'here')
      const [packet] = await arrived(subscriber, 1)
      assert.equal(packet?.topic, `late/${round}/x`)
    }
  })

  it('is asked for before SUBACK says so', async () => {
    const held: (() => void)[] = []
    let holds = false
    const hostSchedule: SimulatedSchedule = ({ kind }, run) =>
      holds && kind === 'message' ? held.push(run) : setImmediate(run)
    await using under = await processesUnderTest(2, { hostSchedule })
    const [a] = pair(under.processes)
    const [subscriber, other] = [await a.connect(), await a.connect()]
    const answer = subscriber.next()
    holds = true
    subscriber.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 't', qos: 0 }] })
    await other.untilPong()
    assert.equal(await Promise.race([answer, other.untilPong()]).then((first) => Array.isArray(first)), true)
    holds = false
    for (const deliver of held.splice(0)) deliver()
    assert.equal(((await answer) as AnyPacket).cmd, 'suback')
  })

  it('goes to each receiver once, in order, whatever version it speaks and however it came', async () => {
    await using under = await processesUnderTest(2)
    const [a, b] = pair(under.processes)
    const publishers = { plain: await a.connect({ version: 4 }), v5: await a.connect() }
    const receivers = [
      await b.connect({ version: 4 }),
      await b.connect(),
      await b.connect({ properties: { maximumPacketSize: 100 } }),
      await a.connect(),
    ]
    for (const receiver of receivers) await receiver.subscribe('t/+')
    for (const publisher of Object.values(publishers)) {
      for (let n = 0; n < 200; n++) publisher.publish('t/x', String(n))
      for (const receiver of receivers) {
        const packets = await arrived(receiver, 200)
        assert.deepEqual(
          packets.map(({ payload }) => String(payload)),
          Array.from({ length: 200 }, (_, n) => String(n)),
        )
      }
    }
    assert.equal(a.broker.stats().counters.publishesForwarded, 400)
    assert.equal(b.broker.stats().counters.publishesFromPeers, 400)
    assert.equal(b.broker.stats().counters.publishesReceived[0], 0)
  })

  it('bears properties, RETAIN and what is left of its expiry', async () => {
    await using under = await processesUnderTest(2)
    const [a, b] = pair(under.processes)
    const subscriber = await b.connect()
    await subscriber.subscribe('t', { rap: true })
    const publisher = await a.connect()
    publisher.publish('t', 'x', {
      retain: true,
      properties: { messageExpiryInterval: 60, contentType: 'text/plain', topicAlias: 3 },
    })
    const [packet] = await arrived(subscriber, 1)
    assert.equal(packet?.retain, true)
    const properties = packet?.properties as Record<string, unknown>
    assert.deepEqual({ ...properties }, { messageExpiryInterval: 60, contentType: 'text/plain' })
  })

  it('goes whole, however large it is', async () => {
    await using under = await processesUnderTest(2, { limits: { packetBytesMax: 4e7, outputBytesMax: 1e8 } })
    const [a, b] = pair(under.processes)
    const [publisher, subscriber] = [await a.connect(), await b.connect()]
    await subscriber.subscribe('t')
    const sizes = [20_000_000, 10, 1_048_576, 3_000_000]
    for (const [index, bytes] of sizes.entries()) publisher.publish('t', String(index).padEnd(bytes, 'x'))
    const packets = await arrived(subscriber, sizes.length)
    assert.deepEqual(
      packets.map(({ payload }) => (payload as Buffer).length),
      sizes,
    )
  })

  it('does not go where nobody wants it any more', async () => {
    await using under = await processesUnderTest(2)
    const [a, b] = pair(under.processes)
    const subscriber = await b.connect()
    await subscriber.subscribe('t/#')
    subscriber.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['t/#'] })
    await subscriber.receive('unsuback')
    // Another round trip between the two: the interest goes ahead of it.
    const other = await b.connect()
    await other.subscribe('other')
    const publisher = await a.connect()
    publisher.publish('t/x', 'unwanted')
    await publisher.untilPong()
    assert.equal(a.broker.stats().counters.publishesForwarded, 0)
  })

  it('is seen by taps and listeners in any process, wills and messages of programs too', async () => {
    await using under = await processesUnderTest(2)
    const [a, b] = pair(under.processes)
    const seen = b.broker.subscribe('#')
    const other = await b.connect()
    await other.subscribe('other')
    const device = await a.connect({ will: { topic: 'gone', payload: Buffer.from('w'), qos: 0, retain: false } })
    for (const payload of ['1', '2', '3']) device.publish('t', payload)
    await device.untilPong()
    await a.broker.publish({ topic: 'program', payload: Buffer.from('p') })
    await device.vanish()
    const told: string[] = []
    for await (const { topic, payload } of seen) {
      told.push(`${topic} ${payload}`)
      if (topic === 'gone') break
    }
    assert.deepEqual(told, ['t 1', 't 2', 't 3', 'program p', 'gone w'])
  })

  it('goes to one member of a shared subscription', async () => {
    await using under = await processesUnderTest(3)
    const [a, b, c] = under.processes
    assert.ok(a && b && c)
    const members = [await b.connect(), await c.connect()]
    for (const member of members) await member.subscribe('$share/g/t')
    const publisher = await a.connect()
    for (let n = 0; n < 10; n++) publisher.publish('t', String(n))
    const counts = await Promise.all(members.map(async (member) => topicsOf(await arrived(member, 5)).length))
    assert.deepEqual(counts, [5, 5])
  })

  it('knows the subscriptions of a session that returns, before CONNACK', async () => {
    await using under = await processesUnderTest(2)
    const [a, b] = pair(under.processes)
    const durable = { clientId: 'd', clean: false, properties: { sessionExpiryInterval: 600 } }
    const first = await b.connect(durable)
    await first.subscribe('t')
    await first.disconnect()
    const again = await b.connect(durable)
    const publisher = await a.connect()
    publisher.publish('t', 'x')
    assert.deepEqual(topicsOf(await arrived(again, 1)), ['t'])
  })
})
