import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { recordKind } from '@hawser/engine'
import { createMemoryLog } from '@hawser/engine/memory'
import { seededRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import { HeldCommits } from '../testing/held-commits.ts'
import { type AnyPacket, RawClient } from '../testing/raw-client.ts'

const payloads = (packets: readonly AnyPacket[]): string[] => packets.map((packet) => String(packet['payload']))

for (const version of [4, 5] as const) {
  describe(`delivery, protocol level ${version}`, () => {
    it('delivers QoS 0 to all matching subscribers and to no other', async () => {
      await using under = await brokerUnderTest()
      const [exact, plus, hash, other, publisher] = await Promise.all(
        Array.from({ length: 5 }, () => under.connect({ version })),
      )
      assert.ok(exact && plus && hash && other && publisher)
      await exact.subscribe('a/b')
      await plus.subscribe('a/+')
      await hash.subscribe('#')
      await other.subscribe('a/c')
      publisher.publish('a/b', 'one')
      for (const client of [exact, plus, hash])
        assert.equal(String((await client.receive('publish'))['payload']), 'one')
      assert.deepEqual(await other.untilPong(), [])
    })

    it('keeps the order of one publisher in bursts on several topics', async () => {
      await using under = await brokerUnderTest()
      const subscriber = await under.connect({ version })
      const publisher = await under.connect({ version })
      await subscriber.subscribe('burst/#')
      const sent = Array.from({ length: 2_000 }, (_, index) => `${index}`)
      for (const [index, payload] of sent.entries()) publisher.publish(`burst/${Math.floor(index / 7) % 3}`, payload)
      const got: string[] = []
      while (got.length < sent.length) got.push(String((await subscriber.receive('publish'))['payload']))
      assert.deepEqual(got, sent)
    })

    it('does not acknowledge QoS 1 and 2 before the log has committed', async () => {
      const commits = new HeldCommits()
      await using under = await brokerUnderTest({ schedule: commits.schedule })
      const publisher = await under.connect({ version })
      const subscriber = await under.connect({ version })
      await subscriber.subscribe('a', { qos: 2 })
      commits.hold()
      publisher.publish('a', 'one', { qos: 1, messageId: 7 })
      publisher.publish('a', 'two', { qos: 2, messageId: 8 })
      assert.deepEqual(await publisher.untilPong(), [], 'no acknowledgement before the commit')
      assert.deepEqual(await subscriber.untilPong(), [], 'no delivery before the commit')
      commits.release()
      assert.deepEqual(
        [await publisher.receive('puback'), await publisher.receive('pubrec')].map((packet) => packet['messageId']),
        [7, 8],
      )
      assert.deepEqual(payloads([await subscriber.receive('publish'), await subscriber.receive('publish')]), [
        'one',
        'two',
      ])
    })

    it('takes a resent QoS 2 publish once', async () => {
      await using under = await brokerUnderTest()
      const publisher = await under.connect({ version })
      const subscriber = await under.connect({ version })
      await subscriber.subscribe('a', { qos: 1 })
      publisher.publish('a', 'one', { qos: 2, messageId: 3 })
      await publisher.receive('pubrec')
      publisher.publish('a', 'one', { qos: 2, messageId: 3, dup: true })
      await publisher.receive('pubrec')
      publisher.send({ cmd: 'pubrel', messageId: 3 })
      await publisher.receive('pubcomp')
      publisher.publish('a', 'two', { qos: 2, messageId: 3 })
      await publisher.receive('pubrec')
      const got = [await subscriber.receive('publish'), await subscriber.receive('publish')]
      assert.deepEqual(payloads(got), ['one', 'two'])
      assert.deepEqual(await subscriber.untilPong(), [])
    })

    it('gives overlapping filters one delivery of the highest QoS', async () => {
      await using under = await brokerUnderTest()
      const subscriber = await under.connect({ version })
      const publisher = await under.connect({ version })
      await subscriber.subscribe('a/+')
      await subscriber.subscribe('a/b', { qos: 1 })
      publisher.publish('a/b', 'one', { qos: 2, messageId: 1 })
      await publisher.receive('pubrec')
      assert.equal((await subscriber.receive('publish'))['qos'], 1)
      assert.deepEqual(await subscriber.untilPong(), [])
    })

    it('lets a slow QoS 1 subscriber read from the log what its window did not take', async () => {
      await using under = await brokerUnderTest({ limits: { inflightMax: 5 } })
      const subscriber = await under.connect({ version })
      const publisher = await under.connect({ version })
      await subscriber.subscribe('a', { qos: 1 })
      const sent = Array.from({ length: 100 }, (_, index) => `${index}`)
      for (const [index, payload] of sent.entries()) publisher.publish('a', payload, { qos: 1, messageId: index + 1 })
      for (const _ of sent) await publisher.receive('puback')
      const first = await subscriber.untilPong()
      assert.equal(first.length, 5, 'no more in flight than the window takes')
      const got = payloads(first)
      for (const packet of first) subscriber.send({ cmd: 'puback', messageId: packet['messageId'] })
      while (got.length < sent.length) {
        const packet = await subscriber.receive('publish')
        got.push(String(packet['payload']))
        subscriber.send({ cmd: 'puback', messageId: packet['messageId'] })
      }
      assert.deepEqual(got, sent)
      assert.deepEqual(await subscriber.untilPong(), [], 'and nothing twice')
      assert.equal(under.broker.stats().sessionsBehind, 0)
    })
  })
}

describe('delivery to slow receivers', () => {
  it('holds publishers back for a while, then lets the slow one alone lose QoS 0, counted', async () => {
    await using under = await brokerUnderTest({
      limits: { outputHighWaterBytes: 65_536, outputBytesMax: 262_144, slowReceiverMsMax: 0 },
    })
    const slow = await under.connect()
    const healthy = await under.connect()
    const publisher = await under.connect()
    await slow.subscribe('a')
    await healthy.subscribe('a')
    slow.socket.pause()
    const payload = 'x'.repeat(10_000)
    const count = 2_000
    for (let index = 0; index < count; index++) publisher.publish('a', payload)
    for (let index = 0; index < count; index++) await healthy.receive('publish')
    const { counters, outputBytesPending } = under.broker.stats()
    assert.ok(counters.dropped['slow-receiver'] > 0)
    assert.ok(outputBytesPending < 1_048_576, `${outputBytesPending} bytes wait`)
    slow.socket.resume()
    let received = 0
    while (received + counters.dropped['slow-receiver'] < count) {
      await slow.receive('publish')
      received++
    }
    assert.deepEqual(await slow.untilPong(), [])
  })

  it('hold a publisher back once, not one after the other', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock, limits: { outputHighWaterBytes: 65_536 } })
    const publisher = await under.connect()
    const flood = async (topic: string): Promise<void> => {
      const deaf = await under.connect()
      await deaf.subscribe(topic)
      deaf.socket.pause()
      // More than the sockets' buffers take.
      for (let index = 0; index < 14; index++) publisher.publish(topic, 'x'.repeat(1_000_000))
    }
    const { dropped } = under.broker.stats().counters
    await flood('a')
    while (dropped['slow-receiver'] === 0) {
      clock.advance(100)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await publisher.untilPong()
    for (const topic of ['b', 'c', 'd']) {
      const before = dropped['slow-receiver']
      const sinceMs = clock.monotonicMs()
      await flood(topic)
      while (dropped['slow-receiver'] === before) {
        clock.advance(1)
        await new Promise((resolve) => setImmediate(resolve))
      }
      assert.ok(clock.monotonicMs() - sinceMs < 2_000, `${clock.monotonicMs() - sinceMs} ms for ${topic}`)
    }
  })

  it('refuses QoS 1 with 0x97 while the log takes nothing', async () => {
    await using under = await brokerUnderTest()
    const publisher = await under.connect()
    under.log.reserve = () => -1
    publisher.publish('a', 'one', { qos: 1, messageId: 1 })
    assert.equal((await publisher.receive('puback'))['reasonCode'], 0x97)
    assert.equal(under.broker.stats().counters.dropped['log-refused'], 1)
  })
})

describe('delivery at QoS 2 to a durable session while the log takes no packet ids', () => {
  it('leaves the message in the log, reads it once when there is room, and keeps the order', async () => {
    await using log = createMemoryLog({ random: seededRandom(1) })
    const reserve = log.reserve.bind(log)
    let refused = 0
    let refuses = false
    log.reserve = (kind, ...rest) => {
      if (kind !== recordKind.session || !refuses) return reserve(kind, ...rest)
      refused++
      return -1
    }
    await using under = await brokerUnderTest({ log })
    const durable = { clientId: 'durable', properties: { sessionExpiryInterval: 60 } }
    const subscriber = await under.connect(durable)
    const publisher = await under.connect()
    await subscriber.subscribe('a', { qos: 2 })
    refuses = true
    const publish = async (messageId: number): Promise<void> => {
      publisher.publish('a', `${messageId}`, { qos: 2, messageId })
      await publisher.receive('pubrec')
    }
    await publish(1)
    await publish(2)
    assert.deepEqual(await subscriber.untilPong(), [])
    assert.equal(under.broker.stats().sessionsBehind, 1)
    assert.ok(refused > 0 && refused < 20, `asked ${refused} times, not again and again`)
    refuses = false
    await publish(3)
    const got: AnyPacket[] = []
    while (got.length < 3) got.push(await subscriber.receive('publish'))
    assert.deepEqual(payloads(got), ['1', '2', '3'])
    assert.deepEqual(await subscriber.untilPong(), [])
  })
})

describe('a filter that is raised from QoS 0', () => {
  for (const qos of [1, 2] as const) {
    it(`to ${qos} gives nothing again that went out live, to a session that is behind`, async () => {
      await using under = await brokerUnderTest({ systemTopicSeconds: 0 })
      const properties = { sessionExpiryInterval: 60, receiveMaximum: 1 }
      const subscriber = await under.connect({ clientId: 'behind', properties })
      const publisher = await under.connect()
      const publish = async (topic: string, payload: string): Promise<void> => {
        publisher.publish(topic, payload, { qos: 1, messageId: 1 })
        await publisher.receive('puback')
      }
      await subscriber.subscribe('a', { qos: 0 })
      await subscriber.subscribe('b', { qos: 1 })
      await publish('b', '1')
      await publish('b', '2')
      await publish('a', 'live')
      const first = await subscriber.receive('publish')
      assert.equal(String((await subscriber.receive('publish'))['payload']), 'live')
      await subscriber.subscribe('a', { qos })
      await publish('a', 'later')
      subscriber.send({ cmd: 'puback', messageId: first['messageId'] as number })
      const second = await subscriber.receive('publish')
      assert.equal(String(second['payload']), '2')
      subscriber.send({ cmd: 'puback', messageId: second['messageId'] as number })
      const third = await subscriber.receive('publish')
      assert.equal(String(third['payload']), 'later')
      assert.equal(third['qos'], 1)
    })
  }
})

describe('delivery by MQTT 5.0 options', () => {
  it('never has more in flight than the Receive Maximum of the client', async () => {
    await using under = await brokerUnderTest()
    const subscriber = await under.connect({ properties: { receiveMaximum: 3 } })
    const publisher = await under.connect()
    await subscriber.subscribe('a', { qos: 2 })
    for (let id = 1; id <= 10; id++) publisher.publish('a', `${id}`, { qos: 1, messageId: id })
    for (let id = 1; id <= 10; id++) await publisher.receive('puback')
    assert.equal((await subscriber.untilPong()).length, 3)
  })

  it('sends subscription identifiers, all of those that match', async () => {
    await using under = await brokerUnderTest()
    const subscriber = await under.connect()
    const publisher = await under.connect()
    await subscriber.subscribe('a/+', {}, { subscriptionIdentifier: 7 })
    await subscriber.subscribe('a/b', { qos: 1 }, { subscriptionIdentifier: 300 })
    publisher.publish('a/b', 'one', { qos: 1, messageId: 1 })
    publisher.publish('a/b', 'two')
    for (const _ of ['one', 'two']) {
      const packet = await subscriber.receive('publish')
      const { subscriptionIdentifier } = packet['properties'] as { subscriptionIdentifier: number[] }
      assert.deepEqual([...subscriptionIdentifier].sort(), [300, 7])
    }
  })

  it('keeps No Local from what the session itself publishes, at every QoS', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect()
    const other = await under.connect()
    await client.subscribe('a', { qos: 1, nl: true })
    client.publish('a', 'own 0')
    client.publish('a', 'own 1', { qos: 1, messageId: 1 })
    await client.receive('puback')
    other.publish('a', 'other', { qos: 1, messageId: 1 })
    await other.receive('puback')
    assert.deepEqual(payloads(await client.untilPong()), ['other'])
  })

  it('takes topic aliases, and gives them where the client allows', async () => {
    await using under = await brokerUnderTest()
    const subscriber = await under.connect({ properties: { topicAliasMaximum: 1 } })
    const publisher = await under.connect()
    await subscriber.subscribe('#')
    publisher.publish('long/topic', 'one', { properties: { topicAlias: 5 } })
    publisher.publish('', 'two', { properties: { topicAlias: 5 } })
    publisher.publish('other', 'three')
    const [one, two, three] = [await subscriber.receive(), await subscriber.receive(), await subscriber.receive()]
    assert.deepEqual([one['topic'], two['topic'], three['topic']], ['long/topic', '', 'other'])
    assert.deepEqual(two['properties'], { topicAlias: 1 })
    assert.deepEqual(payloads([one, two, three]), ['one', 'two', 'three'])
  })

  it('drops what is larger than a client takes, for that client alone', async () => {
    await using under = await brokerUnderTest()
    const small = await under.connect({ properties: { maximumPacketSize: 100 } })
    const large = await under.connect()
    const publisher = await under.connect()
    await small.subscribe('a', { qos: 1 })
    await large.subscribe('a', { qos: 1 })
    publisher.publish('a', 'x'.repeat(200), { qos: 1, messageId: 1 })
    publisher.publish('a', 'short', { qos: 1, messageId: 2 })
    assert.equal(String((await small.receive('publish'))['payload']), 'short')
    assert.equal((await large.receive('publish'))['qos'], 1)
    assert.equal(under.broker.stats().counters.dropped['packet-too-large'], 1)
  })

  it('sends user properties on in order, and the rest of a message expiry', async () => {
    await using under = await brokerUnderTest()
    const subscriber = await under.connect()
    const publisher = await under.connect()
    await subscriber.subscribe('a', { qos: 1 })
    const userProperties = { b: ['2', '3'], a: '1' }
    publisher.publish('a', 'one', { qos: 1, messageId: 1, properties: { messageExpiryInterval: 60, userProperties } })
    const { properties } = (await subscriber.receive('publish')) as unknown as { properties: Record<string, unknown> }
    assert.equal(properties['messageExpiryInterval'], 60)
    assert.deepEqual(JSON.parse(JSON.stringify(properties['userProperties'])), userProperties)
  })
})

it('drops a closed connection whose peer does not read its last bytes', async () => {
  const clock = new ManualClock()
  const outputBytesMax = 64 << 20
  await using under = await brokerUnderTest({ clock, limits: { outputHighWaterBytes: outputBytesMax, outputBytesMax } })
  const stuck = await under.connect({ clientId: 'stuck' })
  await stuck.subscribe('a')
  stuck.socket.pause()
  const publisher = await under.connect()
  // More than the sockets' buffers take.
  const count = 14
  for (let index = 0; index < count; index++) publisher.publish('a', 'x'.repeat(1_000_000))
  await publisher.untilPong()
  under.broker.kick('stuck')
  for (let second = 0; second < 7; second++) {
    clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  // What was still with the broker is gone: reading on now, the client does not get all of it.
  stuck.socket.resume()
  let received = 0
  for (let packet = await stuck.next(); typeof packet !== 'symbol'; packet = await stuck.next()) received++
  assert.ok(received < count, `${received} of ${count}`)
  assert.equal(under.broker.stats().connections, 1)
})

it('closes a connection that speaks before CONNECT', async () => {
  await using under = await brokerUnderTest()
  await using client = await RawClient.open(under.port)
  client.send({ cmd: 'pingreq' })
  assert.equal(typeof (await client.next()), 'symbol')
})
