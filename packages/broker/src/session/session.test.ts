import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import { HeldCommits } from '../testing/held-commits.ts'
import type { AnyPacket, RawClient } from '../testing/raw-client.ts'

const durable = { clientId: 'durable', clean: false, properties: { sessionExpiryInterval: 3_600 } }
const payloads = (packets: readonly AnyPacket[]): string[] => packets.map((packet) => String(packet['payload']))

async function publishAcknowledged(
  publisher: RawClient,
  topic: string,
  payload: string,
  qos: 1 | 2 = 1,
): Promise<void> {
  publisher.publish(topic, payload, { qos, messageId: 1 })
  await publisher.receive(qos === 1 ? 'puback' : 'pubrec')
  if (qos === 1) return
  publisher.send({ cmd: 'pubrel', messageId: 1 })
  await publisher.receive('pubcomp')
}

/** The broker's tick is due once a second and does its work before the next is armed. */
async function passSeconds(clock: ManualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** How a broker may come back between two connections of a session. */
const comebacks: Record<string, (under: BrokerUnderTest) => Promise<BrokerUnderTest>> = {
  'the same broker': async (under) => under,
  'a restart': (under) => under.restart(),
  'a crash': (under) => under.crash(),
}

for (const [how, comeBack] of Object.entries(comebacks)) {
  describe(`a durable session after ${how}`, () => {
    it('gets in order what was published while it was away', async () => {
      const first = await brokerUnderTest()
      const subscriber = await first.connect(durable)
      assert.equal(subscriber.connack?.['sessionPresent'], false)
      await subscriber.subscribe('a/+', { qos: 1 })
      await subscriber.disconnect()
      const publisher = await first.connect()
      for (let n = 0; n < 10; n++) await publishAcknowledged(publisher, `a/${n % 2}`, `${n}`, n % 3 === 0 ? 2 : 1)
      await publishAcknowledged(publisher, 'other', 'no')
      await using under = await comeBack(first)
      const again = await under.connect(durable)
      assert.equal(again.connack?.['sessionPresent'], true)
      const got: AnyPacket[] = []
      while (got.length < 10) got.push(await again.receive('publish'))
      assert.deepEqual(payloads(got), ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
      assert.ok(got.every((packet) => packet.dup === false))
      assert.deepEqual(await again.untilPong(), [])
    })

    it('gets again what it had not acknowledged, marked as duplicate, and nothing that it had', async () => {
      const first = await brokerUnderTest()
      const subscriber = await first.connect(durable)
      await subscriber.subscribe('a', { qos: 1 })
      const publisher = await first.connect()
      for (const payload of ['one', 'two', 'three']) await publishAcknowledged(publisher, 'a', payload)
      const [one, two, three] = [await subscriber.receive(), await subscriber.receive(), await subscriber.receive()]
      assert.deepEqual(payloads([one, two, three]), ['one', 'two', 'three'])
      subscriber.send({ cmd: 'puback', messageId: one['messageId'] })
      await subscriber.untilPong()
      await subscriber.vanish()
      await using under = await comeBack(first)
      const again = await under.connect(durable)
      const got = await again.untilPong()
      const expected = how === 'a crash' ? ['one', 'two', 'three'] : ['two', 'three']
      // What a crash forgets is an acknowledgement of the last second, so `one` may come again.
      assert.deepEqual(payloads(got), expected)
      assert.ok(got.every((packet) => packet.dup === true))
      if (how !== 'a crash')
        assert.deepEqual(
          got.map((packet) => packet['messageId']),
          [two['messageId'], three['messageId']],
        )
    })

    it('gets QoS 2 once: PUBREL again where PUBREC was sent, PUBLISH with its packet id where it was not', async () => {
      const first = await brokerUnderTest()
      const subscriber = await first.connect(durable)
      await subscriber.subscribe('a', { qos: 2 })
      const publisher = await first.connect()
      for (const payload of ['done', 'received', 'sent']) await publishAcknowledged(publisher, 'a', payload, 2)
      const [done, received, sent] = [
        await subscriber.receive(),
        await subscriber.receive(),
        await subscriber.receive(),
      ]
      subscriber.send({ cmd: 'pubrec', messageId: done['messageId'] })
      await subscriber.receive('pubrel')
      subscriber.send({ cmd: 'pubcomp', messageId: done['messageId'] })
      subscriber.send({ cmd: 'pubrec', messageId: received['messageId'] })
      await subscriber.receive('pubrel')
      await subscriber.vanish()
      await using under = await comeBack(first)
      const again = await under.connect(durable)
      const got = await again.untilPong()
      assert.deepEqual(
        got.map((packet) => [packet.cmd, packet['messageId']]),
        [
          ['pubrel', received['messageId']],
          ['publish', sent['messageId']],
        ],
      )
      assert.equal(got[1]?.dup, true)
    })

    it('knows the packet ids of inbound QoS 2 publishes that were not released', async () => {
      const first = await brokerUnderTest()
      const publisher = await first.connect({ ...durable, clientId: 'publisher' })
      publisher.publish('a', 'one', { qos: 2, messageId: 5 })
      await publisher.receive('pubrec')
      await publisher.vanish()
      await using under = await comeBack(first)
      const subscriber = await under.connect()
      await subscriber.subscribe('a', { qos: 2 })
      const again = await under.connect({ ...durable, clientId: 'publisher' })
      again.publish('a', 'one', { qos: 2, messageId: 5, dup: true })
      await again.receive('pubrec')
      again.send({ cmd: 'pubrel', messageId: 5 })
      await again.receive('pubcomp')
      again.publish('a', 'two', { qos: 2, messageId: 5 })
      await again.receive('pubrec')
      assert.deepEqual(payloads(await subscriber.untilPong()), ['two'])
    })

    it('keeps retained messages, and forgets those that were deleted', async () => {
      const first = await brokerUnderTest()
      const publisher = await first.connect()
      publisher.publish('r/kept', 'kept', { retain: true, qos: 1, messageId: 1 })
      publisher.publish('r/gone', 'gone', { retain: true, qos: 1, messageId: 2 })
      publisher.publish('r/zero', 'zero', { retain: true })
      publisher.publish('r/gone', '', { retain: true, qos: 1, messageId: 3 })
      for (const _ of [1, 2, 3]) await publisher.receive('puback')
      await using under = await comeBack(first)
      const subscriber = await under.connect()
      await subscriber.subscribe('r/#', { qos: 1 })
      const got = await subscriber.untilPong()
      assert.deepEqual(payloads(got).sort(), ['kept', 'zero'])
      assert.ok(got.every((packet) => packet.retain === true))
    })

    it('loses nothing by subscribing again, as clients do after a reconnect', async () => {
      const first = await brokerUnderTest()
      const subscriber = await first.connect({
        ...durable,
        properties: { sessionExpiryInterval: 60, receiveMaximum: 3 },
      })
      await subscriber.subscribe('a', { qos: 1 })
      await subscriber.disconnect()
      const publisher = await first.connect()
      for (let n = 0; n < 10; n++) await publishAcknowledged(publisher, 'a', `${n}`)
      await using under = await comeBack(first)
      const again = await under.connect({ ...durable, properties: { sessionExpiryInterval: 60, receiveMaximum: 3 } })
      again.send({
        cmd: 'subscribe',
        messageId: 9,
        subscriptions: [{ topic: 'a', qos: 2, rh: 2, nl: false, rap: false }],
      })
      const got: string[] = []
      while (got.length < 10) {
        const packet = await again.receive()
        if (packet.cmd === 'suback') continue
        got.push(String(packet['payload']))
        again.send({ cmd: 'puback', messageId: packet['messageId'] })
      }
      assert.deepEqual(got, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    })

    it('no longer has what it unsubscribed from', async () => {
      const first = await brokerUnderTest()
      const subscriber = await first.connect(durable)
      await subscriber.subscribe('a', { qos: 1 })
      await subscriber.subscribe('b', { qos: 1 })
      subscriber.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['a'] })
      await subscriber.receive('unsuback')
      await subscriber.vanish()
      const publisher = await first.connect()
      await publishAcknowledged(publisher, 'a', 'no')
      await publishAcknowledged(publisher, 'b', 'yes')
      await using under = await comeBack(first)
      assert.deepEqual(payloads(await (await under.connect(durable)).untilPong()), ['yes'])
    })
  })
}

describe('sessions', () => {
  it('are taken over: the old connection is told 0x8E', async () => {
    await using under = await brokerUnderTest()
    const old = await under.connect(durable)
    await old.subscribe('a', { qos: 1 })
    const taker = await under.connect(durable)
    assert.equal(taker.connack?.['sessionPresent'], true)
    assert.equal((await old.receive('disconnect'))['reasonCode'], 0x8e)
    const publisher = await under.connect()
    await publishAcknowledged(publisher, 'a', 'one')
    assert.deepEqual(payloads(await taker.untilPong()), ['one'])
    assert.equal(under.broker.stats().sessionsOnline, 2)
  })

  it('end with Clean Start, also for those that come later', async () => {
    await using under = await brokerUnderTest()
    const subscriber = await under.connect(durable)
    await subscriber.subscribe('a', { qos: 1 })
    await subscriber.disconnect()
    const clean = await under.connect({ ...durable, clean: true, properties: {} })
    assert.equal(clean.connack?.['sessionPresent'], false)
    await clean.disconnect()
    const again = await under.connect(durable)
    assert.equal(again.connack?.['sessionPresent'], false)
  })

  it('expire after their interval, and not before', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock })
    const short = { clientId: 'short', clean: false, properties: { sessionExpiryInterval: 100 } }
    await (await under.connect(short)).disconnect()
    clock.advance(99_000)
    const inTime = await under.connect(short)
    assert.equal(inTime.connack?.['sessionPresent'], true)
    await inTime.disconnect()
    clock.advance(101_000)
    assert.equal((await under.connect(short)).connack?.['sessionPresent'], false)
  })

  it('get the expiry that DISCONNECT says', async () => {
    await using under = await brokerUnderTest()
    await (await under.connect(durable)).disconnect({ sessionExpiryInterval: 0 })
    assert.equal((await under.connect(durable)).connack?.['sessionPresent'], false)
  })

  it('of clients without a keep alive packet are closed after one and a half times the interval', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock })
    const client = await under.connect({ keepalive: 10 })
    await passSeconds(clock, 15)
    assert.deepEqual(await client.untilPong(), [])
    await passSeconds(clock, 16)
    assert.equal((await client.receive('disconnect'))['reasonCode'], 0x8d)
  })
})

const will = { topic: 'will', payload: Buffer.from('gone'), qos: 1, retain: false }

describe('a durable session', () => {
  it('gets nothing before its CONNACK', async () => {
    const commits = new HeldCommits()
    await using under = await brokerUnderTest({ schedule: commits.schedule })
    const first = await under.connect(durable)
    await first.subscribe('a')
    await first.disconnect()
    const publisher = await under.connect()
    commits.hold()
    const resumed = under.connect(durable)
    // The connection is there and waits for the journal; what is published now comes too early for it.
    while (under.broker.stats().sessionsOnline < 2) await publisher.untilPong()
    publisher.publish('a', 'early')
    await publisher.untilPong()
    commits.release()
    const client = await resumed
    assert.equal(client.connack?.cmd, 'connack')
    publisher.publish('a', 'live')
    await publisher.untilPong()
    assert.deepEqual(payloads(await client.untilPong()), ['live'])
  })

  it('gets a message again with the RETAIN flag that its own subscription asks for', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect(durable)
    await client.subscribe('a', { qos: 1 })
    // Another subscription that wants the flag says nothing about this topic.
    await client.subscribe('b', { qos: 1, rap: true })
    const publisher = await under.connect()
    publisher.publish('a', 'kept', { qos: 1, messageId: 1, retain: true })
    await publisher.receive('puback')
    assert.equal((await client.receive('publish')).retain, false)
    await client.vanish()
    const again = await (await under.connect(durable)).receive('publish')
    assert.deepEqual([again.dup, again.retain], [true, false])
  })

  it('is left by UNSUBSCRIBE also while the SUBSCRIBE before it waits for the log', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect(durable)
    client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: 'a', qos: 1, nl: false, rap: false, rh: 0 }],
    })
    client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['a'] })
    assert.deepEqual([(await client.receive()).cmd, (await client.receive()).cmd], ['suback', 'unsuback'])
    const publisher = await under.connect()
    await publishAcknowledged(publisher, 'a', 'no')
    assert.deepEqual(await client.untilPong(), [])
    assert.equal(under.broker.stats().subscriptions, 0)
  })
})

describe('wills', () => {
  it('are published when the client vanishes, not when it says goodbye', async () => {
    await using under = await brokerUnderTest()
    const watcher = await under.connect()
    await watcher.subscribe('will', { qos: 1 })
    await (await under.connect({ will })).disconnect()
    assert.deepEqual(await watcher.untilPong(), [])
    await (await under.connect({ will })).disconnect({}, 4)
    assert.deepEqual(payloads([await watcher.receive('publish')]), ['gone'])
    await (await under.connect({ will })).vanish()
    assert.deepEqual(payloads([await watcher.receive('publish')]), ['gone'])
  })

  it('wait for their delay, and are taken back by a client that returns in time', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock })
    const watcher = await under.connect()
    await watcher.subscribe('will', { qos: 1 })
    const delayed = { ...durable, will: { ...will, properties: { willDelayInterval: 30 } } }
    await (await under.connect(delayed)).vanish()
    // Its end is seen by the broker once the watcher's round trip is over.
    await watcher.untilPong()
    await passSeconds(clock, 29)
    assert.deepEqual(await watcher.untilPong(), [])
    const back = await under.connect(delayed)
    await passSeconds(clock, 60)
    assert.deepEqual(await watcher.untilPong(), [])
    await back.vanish()
    await watcher.untilPong()
    await passSeconds(clock, 31)
    assert.deepEqual(payloads([await watcher.receive('publish')]), ['gone'])
  })

  it('of clients that were connected when the broker crashed are published once, after the restart', async () => {
    const first = await brokerUnderTest()
    await first.connect({ clientId: 'dead', will })
    const watcher = { ...durable, clientId: 'watcher' }
    const client = await first.connect(watcher)
    await client.subscribe('will', { qos: 2 })
    await using second = await first.crash()
    const again = await second.connect(watcher)
    assert.deepEqual(payloads([await again.receive('publish')]), ['gone'])
    await using third = await second.crash()
    const later = await third.connect(watcher)
    const got = payloads(await later.untilPong()).filter((payload) => payload !== '')
    assert.ok(got.length <= 1, 'at most the same delivery again')
  })
})

describe('the floor of the log', () => {
  it('is held by a session that is away, and rises when it is back and done', async () => {
    const first = await brokerUnderTest()
    const subscriber = await first.connect(durable)
    await subscriber.subscribe('a', { qos: 1 })
    await subscriber.disconnect()
    const publisher = await first.connect()
    for (let n = 0; n < 5; n++) await publishAcknowledged(publisher, 'a', `${n}`)
    await using once = await first.restart()
    const [away] = [...once.broker.floor().values()]
    const [head] = once.log.partitions().map(({ end }) => end)
    assert.ok(Number(away) <= Number(head) - 5, 'none of the five may go')
    await using second = await once.restart()
    assert.deepEqual([...second.broker.floor().values()], [away], 'also when only the store knows it')
    const again = await second.connect(durable)
    for (let n = 0; n < 5; n++) {
      again.send({ cmd: 'puback', messageId: (await again.receive('publish'))['messageId'] })
    }
    await again.untilPong()
    await using third = await second.restart()
    const [after] = [...third.broker.floor().values()]
    assert.ok(Number(after) > Number(away), `${after} is past ${away}`)
  })
})

it('an idle broker writes nothing', async () => {
  const clock = new ManualClock()
  await using under = await brokerUnderTest({ clock })
  const client = await under.connect(durable)
  await client.subscribe('a', { qos: 1 })
  await passSeconds(clock, 12)
  const [before] = under.log.partitions()
  await passSeconds(clock, 60)
  assert.deepEqual(under.log.partitions(), [before])
})
