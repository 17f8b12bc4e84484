/** Topics of the class `memory` beside a log on disk: what waits for what, in which order, and what a crash takes. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import { HeldCommits } from '../testing/held-commits.ts'
import type { AnyPacket, RawClient } from '../testing/raw-client.ts'

const memoryFilters = ['fast/#']
const durable = { clientId: 'durable', clean: false, properties: { sessionExpiryInterval: 3_600 } }

const ids = (packets: readonly AnyPacket[]): unknown[] => packets.map(({ messageId }) => messageId)
const payloads = (packets: readonly AnyPacket[]): string[] => packets.map(({ payload }) => String(payload))

async function publish(client: RawClient, topic: string, payload: string, messageId: number): Promise<void> {
  client.publish(topic, payload, { qos: 1, messageId })
  await client.receive('puback')
}

async function resume(under: BrokerUnderTest): Promise<AnyPacket[]> {
  const client = await under.connect(durable)
  const packets = await client.untilPong()
  for (const { messageId } of packets) client.send({ cmd: 'puback', messageId })
  await client.untilPong()
  return packets
}

describe('a publish of the class memory', () => {
  it('is acknowledged and delivered while the disk is held', async () => {
    const disk = new HeldCommits()
    await using under = await brokerUnderTest({ schedule: disk.schedule, memoryFilters })
    const [publisher, subscriber] = [await under.connect(), await under.connect()]
    await subscriber.subscribe('#', { qos: 1 })
    disk.hold()
    await publish(publisher, 'fast/a', 'one', 1)
    assert.deepEqual(payloads([await subscriber.receive('publish')]), ['one'])
    assert.equal(under.broker.stats().accounting.accounts.memory.committed, 1)
    disk.release()
  })

  it('is acknowledged behind what its publisher sent before it, of any class and in any order', async () => {
    const disk = new HeldCommits()
    await using under = await brokerUnderTest({ schedule: disk.schedule, memoryFilters })
    const [publisher, other] = [await under.connect(), await under.connect()]
    disk.hold()
    for (const [index, topic] of ['fast/a', 'slow', 'fast/a', 'fast/b', 'slow', 'fast/a'].entries()) {
      publisher.publish(topic, 'x', { qos: index === 3 ? 2 : 1, messageId: index + 1 })
    }
    assert.deepEqual(
      ids(await publisher.untilPong()).filter((id) => id !== 1),
      [],
      'behind the disk',
    )
    await publish(other, 'fast/a', 'x', 1)
    disk.release()
    const rest: AnyPacket[] = []
    while (rest.at(-1)?.['messageId'] !== 6) rest.push(await publisher.receive())
    assert.deepEqual(
      ids(rest).filter((id) => id !== 1),
      [2, 3, 4, 5, 6],
    )
  })

  it('holds back what its publisher sent after it, where the disk is faster', async () => {
    const memory = new HeldCommits()
    await using under = await brokerUnderTest({ volatileSchedule: memory.schedule, memoryFilters })
    const publisher = await under.connect()
    memory.hold()
    publisher.publish('fast/a', 'x', { qos: 1, messageId: 1 })
    publisher.publish('slow', 'x', { qos: 1, messageId: 2 })
    assert.deepEqual(await publisher.untilPong(), [])
    memory.release()
    assert.deepEqual(ids([await publisher.receive('puback'), await publisher.receive('puback')]), [1, 2])
  })
})

describe('a durable session', () => {
  it('finds what came of both classes while it was away, also through a restart of its own', async () => {
    await using under = await brokerUnderTest({ memoryFilters })
    const client = await under.connect(durable)
    await client.subscribe('#', { qos: 1 })
    await client.disconnect()
    const publisher = await under.connect()
    await publish(publisher, 'fast/a', 'memory 1', 1)
    await publish(publisher, 'slow', 'disk 1', 1)
    await publish(publisher, 'fast/a', 'memory 2', 1)
    const packets = await resume(under)
    assert.deepEqual(payloads(packets).sort(), ['disk 1', 'memory 1', 'memory 2'])
    assert.deepEqual(
      payloads(packets).filter((payload) => payload.startsWith('m')),
      ['memory 1', 'memory 2'],
    )
    assert.deepEqual(await resume(under), [], 'and nothing twice')
  })

  it('has after a crash what is on disk, and nothing of another life', async () => {
    await using first = await brokerUnderTest({ memoryFilters })
    const client = await first.connect(durable)
    await client.subscribe('#', { qos: 1 })
    await client.disconnect()
    const publisher = await first.connect()
    await publish(publisher, 'fast/a', 'lost', 1)
    await publish(publisher, 'slow', 'kept', 1)
    await using second = await first.crash()
    assert.deepEqual(payloads(await resume(second)), ['kept'])
    const again = await second.connect()
    await publish(again, 'fast/a', 'new', 1)
    assert.deepEqual(payloads(await resume(second)), ['new'])
    assert.equal(second.broker.stats().counters.dropped['behind-log'], 0, 'a loss that was said is none')
  })

  it('is sent again what it had in flight, and told of nothing that a crash took', async () => {
    await using first = await brokerUnderTest({ memoryFilters })
    const client = await first.connect(durable)
    await client.subscribe('#', { qos: 1 })
    const publisher = await first.connect()
    await publish(publisher, 'fast/a', 'in flight', 1)
    await client.receive('publish')
    await client.vanish()
    const back = await first.connect(durable)
    assert.deepEqual(payloads(await back.untilPong()), ['in flight'])
    await back.vanish()
    await using second = await first.crash()
    assert.deepEqual(await resume(second), [])
    assert.ok(second.broker.stats().counters.dropped['behind-log'] <= 1, 'counted where the session knew of it')
  })
})
