import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import { HeldCommits } from '../testing/held-commits.ts'
import { type AnyPacket, closed, type RawClient } from '../testing/raw-client.ts'
import type { RefusalReason } from './refusals.ts'

const countOf = (under: BrokerUnderTest, reason: RefusalReason): number => under.broker.stats().counters.refused[reason]
const legacy = { version: 4 } as const

/** Every connection's first packet, in 5.0 and in 3.1.1. */
async function refusedConnects(under: BrokerUnderTest, options: Record<string, unknown> = {}): Promise<unknown[]> {
  const modern = await under.connect(options)
  const old = await under.connect({ ...legacy, ...options })
  return [modern.connack?.['reasonCode'], old.connack?.['returnCode']]
}

async function farewell(client: RawClient): Promise<unknown> {
  const packet = await client.next()
  return typeof packet === 'symbol' ? 'closed' : packet['reasonCode']
}

describe('limits at CONNECT', () => {
  it('connections', async () => {
    await using under = await brokerUnderTest({ limits: { connectionsMax: 1 } })
    const first = await under.connect()
    assert.deepEqual(await refusedConnects(under), [0x89, 3])
    assert.equal(countOf(under, 'connections-max'), 2)
    assert.deepEqual(await first.untilPong(), [])
  })

  it('connections of a listener', async () => {
    const tcp = { protocol: 'mqtt', name: 'tcp', host: '127.0.0.1', port: 0 } as const
    await using under = await brokerUnderTest({
      listeners: [
        { ...tcp, connectionsMax: 1 },
        { ...tcp, name: 'other' },
      ],
    })
    await under.connect()
    assert.deepEqual(await refusedConnects(under), [0x89, 3])
    assert.equal(countOf(under, 'listener-connections-max'), 2)
  })

  it('connect rate: in all, of a listener, of an address', async () => {
    const tcp = { protocol: 'mqtt', name: 'tcp', host: '127.0.0.1', port: 0 } as const
    const cases: [RefusalReason, Parameters<typeof brokerUnderTest>[0]][] = [
      ['connect-rate', { limits: { connectsPerSecondMax: 2 } }],
      ['listener-connect-rate', { listeners: [{ ...tcp, connectsPerSecondMax: 2 }] }],
      ['address-connect-rate', { limits: { connectsPerSecondPerAddressMax: 2 } }],
    ]
    for (const [reason, options] of cases) {
      const clock = new ManualClock()
      await using under = await brokerUnderTest({ ...options, clock })
      for (let n = 0; n < 2; n++) assert.equal((await under.connect()).connack?.['reasonCode'], 0, reason)
      assert.deepEqual(await refusedConnects(under), [0x9f, 3], reason)
      assert.equal(countOf(under, reason), 2)
      clock.advance(500)
      assert.equal((await under.connect()).connack?.['reasonCode'], 0, 'one more after half a second')
      assert.equal((await under.connect()).connack?.['reasonCode'], 0x9f)
    }
  })

  it('sessions', async () => {
    await using under = await brokerUnderTest({ limits: { sessionsMax: 1 } })
    const durable = { clientId: 'one', clean: false, properties: { sessionExpiryInterval: 60 } }
    await (await under.connect(durable)).disconnect()
    assert.deepEqual(await refusedConnects(under), [0x97, 3])
    assert.equal(countOf(under, 'sessions-max'), 2)
    assert.equal((await under.connect(durable)).connack?.['sessionPresent'], true)
  })

  it('length of the client identifier', async () => {
    await using under = await brokerUnderTest({ limits: { clientIdBytesMax: 8 } })
    assert.deepEqual(await refusedConnects(under, { clientId: 'nine-long' }), [0x85, 2])
    assert.equal(countOf(under, 'client-id-bytes'), 2)
  })

  it('topic of the will', async () => {
    await using under = await brokerUnderTest({ limits: { topicLevelsMax: 2 } })
    const will = { topic: 'a/b/c', payload: Buffer.from('x'), qos: 0, retain: false }
    assert.equal((await under.connect({ will })).connack?.['reasonCode'], 0x90)
    assert.equal(countOf(under, 'topic-levels'), 1)
  })
})

describe('limits of packets and topics', () => {
  it('packet size: 5.0 is told 0x95, others are closed', async () => {
    await using under = await brokerUnderTest({ limits: { packetBytesMax: 128 } })
    for (const [version, end] of [
      [5, 0x95],
      [4, 'closed'],
    ] as const) {
      const client = await under.connect({ version })
      client.publish('a', 'x'.repeat(200))
      assert.equal(await farewell(client), end)
    }
    assert.equal(countOf(under, 'packet-bytes'), 2)
  })

  for (const [reason, topic] of [
    ['topic-levels', 'a/b/c/d'],
    ['topic-bytes', 'long-topic'],
  ] as const) {
    it(`${reason}: 5.0 is told 0x90, others are closed`, async () => {
      await using under = await brokerUnderTest({ limits: { topicLevelsMax: 3, topicBytesMax: 9 } })
      for (const [version, end] of [
        [5, 0x90],
        [4, 'closed'],
      ] as const) {
        const client = await under.connect({ version })
        client.publish(topic, 'x')
        assert.equal(await farewell(client), end)
      }
      assert.equal(countOf(under, reason), 2)
    })
  }

  it('topic aliases: 0x94', async () => {
    await using under = await brokerUnderTest({ limits: { topicAliasMaximum: 2 } })
    const client = await under.connect()
    client.publish('a', 'x', { properties: { topicAlias: 3 } })
    assert.equal(await farewell(client), 0x94)
    assert.equal(countOf(under, 'topic-alias-maximum'), 1)
  })

  it('Receive Maximum: 0x93', async () => {
    await using under = await brokerUnderTest({ limits: { receiveMaximum: 2 } })
    const client = await under.connect()
    for (let id = 1; id <= 3; id++) client.publish('a', 'x', { qos: 2, messageId: id })
    const packets: AnyPacket[] = []
    for (let packet = await client.next(); packet !== closed; packet = await client.next()) packets.push(packet)
    assert.equal(packets.at(-1)?.['reasonCode'], 0x93)
    assert.equal(countOf(under, 'receive-maximum'), 1)
  })
})

describe('limits of subscriptions', () => {
  const options = { qos: 0, nl: false, rap: false, rh: 0 }

  it('filters too deep or too long: 0x8F', async () => {
    await using under = await brokerUnderTest({ limits: { topicLevelsMax: 3, topicBytesMax: 9 } })
    const client = await under.connect()
    for (const filter of ['a/+/c/#', 'too-long/+'])
      assert.deepEqual((await client.subscribe(filter))['granted'], [0x8f])
    const old = await under.connect(legacy)
    assert.deepEqual((await old.subscribe('a/+/c/#'))['granted'], [0x80])
    assert.equal(countOf(under, 'filter-levels'), 2)
    assert.equal(countOf(under, 'filter-bytes'), 1)
  })

  it('of a session, in one packet too: 0x97', async () => {
    await using under = await brokerUnderTest({ limits: { subscriptionsPerSessionMax: 2 } })
    const client = await under.connect()
    const subscriptions = ['a', 'a', 'b', 'c'].map((topic) => ({ topic, ...options }))
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions })
    assert.deepEqual((await client.receive('suback'))['granted'], [0, 0, 0, 0x97])
    assert.deepEqual((await client.subscribe('c'))['granted'], [0x97])
    assert.deepEqual((await client.subscribe('b', { qos: 1 }))['granted'], [1], 'what it has it may change')
    assert.equal(countOf(under, 'session-subscriptions'), 2)
  })

  it('of a session and in all, in several packets that wait for one commit: 0x97', async () => {
    for (const limits of [{ subscriptionsPerSessionMax: 2 }, { subscriptionsMax: 2 }]) {
      const commits = new HeldCommits()
      await using under = await brokerUnderTest({ limits, schedule: commits.schedule })
      const client = await under.connect({ clientId: 'durable', properties: { sessionExpiryInterval: 60 } })
      commits.hold()
      for (const [index, topic] of ['a', 'b', 'a', 'c'].entries()) {
        client.send({ cmd: 'subscribe', messageId: index + 1, subscriptions: [{ topic, ...options }] })
      }
      // What is granted waits; what is refused may not have to.
      const answers = await client.untilPong()
      assert.ok(answers.length <= 1)
      commits.release()
      while (answers.length < 4) answers.push(await client.receive('suback'))
      const granted = new Map(answers.map((answer) => [answer['messageId'], (answer['granted'] as number[])[0]]))
      assert.deepEqual(
        [1, 2, 3, 4].map((id) => granted.get(id)),
        [0, 0, 0, 0x97],
      )
      client.send({ cmd: 'unsubscribe', messageId: 5, unsubscriptions: ['a'] })
      await client.receive('unsuback')
      assert.deepEqual((await client.subscribe('c'))['granted'], [0], 'nothing stays claimed')
    }
  })

  it('in all: 0x97', async () => {
    await using under = await brokerUnderTest({ limits: { subscriptionsMax: 1 } })
    await (await under.connect()).subscribe('a')
    const other = await under.connect()
    assert.deepEqual((await other.subscribe('a'))['granted'], [0x97])
    assert.equal(countOf(under, 'subscriptions-max'), 1)
  })
})

describe('limits of what is retained', () => {
  async function retain(client: RawClient, topic: string, payload: string): Promise<number> {
    client.publish(topic, payload, { qos: 1, messageId: 5, retain: true })
    return Number((await client.receive('puback'))['reasonCode'] ?? 0)
  }

  for (const [reason, limits] of [
    ['retained-messages', { retainedMessagesMax: 1 }],
    ['retained-bytes', { retainedBytesMax: 40 }],
  ] as const) {
    it(`${reason}: 5.0 is told 0x97 and the message goes nowhere; others lose the retaining alone`, async () => {
      await using under = await brokerUnderTest({ limits, systemTopicSeconds: 0 })
      const watcher = await under.connect()
      await watcher.subscribe('#')
      const client = await under.connect()
      assert.equal(await retain(client, 'a', 'x'.repeat(30)), 0)
      assert.equal(await retain(client, 'b', 'x'.repeat(30)), 0x97)
      assert.equal(await retain(client, 'a', 'y'.repeat(30)), 0, 'what is there may be replaced')
      const old = await under.connect(legacy)
      assert.equal(await retain(old, 'c', 'x'.repeat(30)), 0)
      assert.deepEqual(
        (await watcher.untilPong()).map(({ topic }) => topic),
        ['a', 'a', 'c'],
      )
      const { counters, retainedMessages } = under.broker.stats()
      assert.equal(retainedMessages, 1)
      assert.equal(counters.refused[reason], 1)
      assert.equal(counters.dropped['retained-limit'], 2)
      assert.equal(await retain(client, 'a', ''), 0)
      assert.equal(await retain(client, 'b', 'x'), 0, 'there is room again')
    })
  }
})

describe('rates of a client', () => {
  const settle = () => new Promise((resolve) => setImmediate(resolve))

  async function count(watcher: RawClient): Promise<number> {
    return (await watcher.untilPong()).length
  }

  it('hold it back, lose nothing and keep the order', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock, limits: { messagesPerSecondMax: 10 }, systemTopicSeconds: 0 })
    const watcher = await under.connect()
    await watcher.subscribe('#')
    const client = await under.connect()
    for (let n = 0; n < 25; n++) client.publish('a', String(n), { qos: 1, messageId: n + 1 })
    for (let n = 1; n <= 10; n++) assert.equal((await client.receive('puback'))['messageId'], n)
    clock.advance(1_000)
    for (let n = 11; n <= 20; n++) assert.equal((await client.receive('puback'))['messageId'], n)
    clock.advance(1_000)
    for (let n = 21; n <= 25; n++) assert.equal((await client.receive('puback'))['messageId'], n)
    clock.advance(1_000)
    const payloads: string[] = []
    while (payloads.length < 25) payloads.push(String((await watcher.receive('publish'))['payload']))
    assert.deepEqual(
      payloads,
      Array.from({ length: 25 }, (_, n) => String(n)),
    )
  })

  it('count bytes too', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock, limits: { bytesPerSecondMax: 1_000 }, systemTopicSeconds: 0 })
    const watcher = await under.connect()
    await watcher.subscribe('#')
    const client = await under.connect()
    for (let n = 0; n < 3; n++) client.publish('a', 'x'.repeat(2_000))
    assert.equal(String((await watcher.receive('publish'))['payload']).length, 2_000)
    for (let n = 0; n < 20; n++) await settle()
    assert.equal(await count(watcher), 0)
    clock.advance(1_100)
    assert.equal(String((await watcher.receive('publish'))['payload']).length, 2_000)
  })

  it('past a bound close it: 0x96 in 5.0', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({
      clock,
      limits: { messagesPerSecondMax: 10, rateExcessMsMax: 3_000 },
      systemTopicSeconds: 0,
    })
    for (const [version, end] of [
      [5, 0x96],
      [4, 'closed'],
    ] as const) {
      const client = await under.connect({ version })
      for (let n = 0; n < 1_000; n++) client.publish('a', 'x')
      const gone = farewell(client)
      await (await under.connect()).untilPong()
      for (let n = 0; n < 80; n++) {
        clock.advance(50)
        await settle()
      }
      assert.equal(await gone, end)
    }
    assert.equal(countOf(under, 'message-rate'), 2)
  })
})

describe('a reload', () => {
  it('lowers limits for clients that stay', async () => {
    await using under = await brokerUnderTest({ limits: { subscriptionsPerSessionMax: 2 } })
    const client = await under.connect()
    await client.subscribe('a')
    client.publish('x/y/z', 'known')
    assert.deepEqual(await client.untilPong(), [])
    await under.broker.reload({ limits: { subscriptionsPerSessionMax: 1, topicLevelsMax: 2 } })
    assert.deepEqual((await client.subscribe('b'))['granted'], [0x97])
    assert.deepEqual(await client.untilPong(), [])
    client.publish('x/y/z', 'too deep now')
    assert.equal(await farewell(client), 0x90)
  })

  it('sets a rate for clients that stay, and takes it away', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock })
    const client = await under.connect()
    await under.broker.reload({ limits: { messagesPerSecondMax: 1 } })
    for (let id = 1; id <= 5; id++) client.publish('a', 'x', { qos: 1, messageId: id })
    assert.equal((await client.receive('puback'))['messageId'], 1)
    await under.broker.reload({ limits: {} })
    for (let id = 2; id <= 5; id++) assert.equal((await client.receive('puback'))['messageId'], id)
  })
})

it('a connection without CONNECT is closed in time, and counted', async () => {
  const clock = new ManualClock()
  await using under = await brokerUnderTest({ clock, limits: { connectMsMax: 2_000 } })
  const { RawClient } = await import('../testing/raw-client.ts')
  const silent = await RawClient.open(under.port)
  await (await under.connect()).untilPong()
  clock.advance(3_000)
  assert.equal(await silent.next(), closed)
  assert.equal(countOf(under, 'connect-time'), 1)
})
