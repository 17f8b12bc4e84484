import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import type { AnyPacket, RawClient } from '../testing/raw-client.ts'
import { LateAnswers, type Rule, ScriptedAccess } from '../testing/scripted-access.ts'

const durable = { clientId: 'durable', clean: false, properties: { sessionExpiryInterval: 3_600 } }
const payloads = (packets: readonly AnyPacket[]): string[] =>
  packets.filter(({ cmd }) => cmd === 'publish').map((packet) => String(packet['payload']))

/** What is said under `no/` is refused to the action. */
const refusing =
  (...actions: readonly string[]): Rule =>
  (_, action, topic) =>
    !(actions.includes(action) && topic.startsWith('no/'))

const all: Rule = () => true

async function acknowledged(client: RawClient, topic: string, payload: string): Promise<number> {
  client.publish(topic, payload, { qos: 1, messageId: 7 })
  return Number((await client.receive('puback'))['reasonCode'] ?? 0)
}

describe('the right to publish', () => {
  it('is told to 5.0 by 0x87 at QoS 1 and 2, to 3.1.1 by nothing; the message is dropped and counted', async () => {
    await using under = await brokerUnderTest({ access: new ScriptedAccess(refusing('publish')) })
    const watcher = await under.connect()
    await watcher.subscribe('#', { qos: 2 })
    for (const version of [4, 5] as const) {
      const client = await under.connect({ version })
      const code = version === 5 ? 0x87 : 0
      client.publish('no/a', 'zero')
      client.publish('no/a', 'one', { qos: 1, messageId: 1 })
      client.publish('no/a', 'two', { qos: 2, messageId: 2 })
      const answers = await client.untilPong()
      assert.deepEqual(
        answers.map(({ cmd, reasonCode }) => [cmd, reasonCode ?? 0]),
        [
          ['puback', code],
          ['pubrec', code],
        ],
      )
    }
    assert.deepEqual(await watcher.untilPong(), [])
    const { counters } = under.broker.stats()
    assert.equal(counters.dropped['not-authorized'], 6)
    assert.equal(counters.refused['publish-not-authorized'], 6)
  })

  it('does not reach to $SYS, whatever the rules say', async () => {
    await using under = await brokerUnderTest({ access: new ScriptedAccess(all) })
    const client = await under.connect()
    assert.equal(await acknowledged(client, '$SYS/broker/mine', 'x'), 0x87)
    client.publish('$SYS/broker/mine', 'x')
    assert.deepEqual(await client.untilPong(), [])
    const will = { topic: '$SYS/will', payload: Buffer.from('x'), qos: 0, retain: false }
    assert.equal((await under.connect({ will })).connack?.['reasonCode'], 0x87)
  })

  it('is asked for once a topic while topics alternate, and again when it has changed', async () => {
    const access = new ScriptedAccess(all)
    await using under = await brokerUnderTest({ access })
    const client = await under.connect({ username: 'ann' })
    for (let round = 0; round < 5; round++) for (const topic of ['no/a', 'no/b']) client.publish(topic, 'x')
    await client.untilPong()
    assert.deepEqual(access.asked, ['ann publish no/a', 'ann publish no/b'])
    access.change(refusing('publish'))
    for (const topic of ['no/b', 'no/a']) assert.equal(await acknowledged(client, topic, 'x'), 0x87)
  })

  it('refuses behind the receipts of what came before', async () => {
    await using under = await brokerUnderTest({ access: new ScriptedAccess(refusing('publish')) })
    const client = await under.connect()
    for (let id = 1; id <= 6; id++) client.publish(id % 2 ? 'a' : 'no/a', 'x', { qos: 1, messageId: id })
    const answers: AnyPacket[] = []
    while (answers.length < 6) answers.push(await client.receive('puback'))
    assert.deepEqual(
      answers.map((packet) => packet['messageId']),
      [1, 2, 3, 4, 5, 6],
    )
  })

  for (const allowed of [true, false]) {
    it(`that somebody else is asked for holds what comes behind it, and is ${allowed ? 'given' : 'refused'} in order`, async () => {
      const late = new LateAnswers()
      const access = new ScriptedAccess((_, action, topic) =>
        action === 'publish' && topic === 'late' ? late.ask() : true,
      )
      await using under = await brokerUnderTest({ access })
      const watcher = await under.connect()
      await watcher.subscribe('#')
      const client = await under.connect()
      client.publish('a', 'first')
      client.publish('late', 'second', { qos: 1, messageId: 1 })
      client.publish('late', 'third')
      client.publish('a', 'fourth', { qos: 1, messageId: 2 })
      assert.equal(String((await watcher.receive('publish'))['payload']), 'first')
      assert.deepEqual(await watcher.untilPong(), [])
      assert.equal(late.waiting, 1)
      late.answer(allowed)
      const answers = await client.untilPong()
      assert.deepEqual(
        answers.map(({ messageId, reasonCode }) => [messageId, reasonCode ?? 0]),
        [
          [1, allowed ? 0 : 0x87],
          [2, 0],
        ],
      )
      const got = payloads(await watcher.untilPong())
      assert.deepEqual(got.toSorted(), allowed ? ['fourth', 'second', 'third'] : ['fourth'])
      assert.equal(late.waiting, 0, 'the answer is remembered')
    })
  }
})

describe('the right to subscribe', () => {
  it('judges the filter; a refusal is in its place in the SUBACK', async () => {
    const access = new ScriptedAccess(refusing('subscribe'))
    await using under = await brokerUnderTest({ access })
    const client = await under.connect()
    const options = { qos: 1, nl: false, rap: false, rh: 0 }
    const subscriptions = ['yes', 'no/#', 'a/b'].map((topic) => ({ topic, ...options }))
    client.send({ cmd: 'subscribe', messageId: 3, subscriptions })
    assert.deepEqual((await client.receive('suback'))['granted'], [1, 0x87, 1])
    const legacy = await under.connect({ version: 4 })
    legacy.send({ cmd: 'subscribe', messageId: 3, subscriptions })
    assert.deepEqual((await legacy.receive('suback'))['granted'], [1, 0x80, 1])
    assert.equal(under.broker.stats().counters.refused['subscribe-not-authorized'], 2)
  })

  it('may be asked of somebody else: the SUBACK stays in its place', async () => {
    const late = new LateAnswers()
    const access = new ScriptedAccess((_, action, topic) =>
      action === 'subscribe' && topic === 'late' ? late.ask() : true,
    )
    await using under = await brokerUnderTest({ access })
    const client = await under.connect()
    client.send({
      cmd: 'subscribe',
      messageId: 3,
      subscriptions: [{ topic: 'late', qos: 0, nl: false, rap: false, rh: 0 }],
    })
    client.send({
      cmd: 'subscribe',
      messageId: 4,
      subscriptions: [{ topic: 'now', qos: 0, nl: false, rap: false, rh: 0 }],
    })
    // Its own PINGREQ would wait too: another client's answer says that the broker has read on.
    const other = await under.connect()
    await other.untilPong()
    while (late.waiting === 0) await other.untilPong()
    late.answer(true)
    const answers = await client.untilPong()
    assert.deepEqual(
      answers.map((packet) => packet['messageId']),
      [3, 4],
    )
  })
})

describe('the right to receive', () => {
  it('may be narrower than a subscription: live, retained, and from the log', async () => {
    const access = new ScriptedAccess(refusing('receive'))
    await using under = await brokerUnderTest({ access })
    const publisher = await under.connect()
    for (const topic of ['yes/r', 'no/r']) {
      publisher.publish(topic, `retained ${topic}`, { qos: 1, messageId: 1, retain: true })
      await publisher.receive('puback')
    }
    const subscriber = await under.connect(durable)
    await subscriber.subscribe('#', { qos: 1 })
    assert.deepEqual(payloads(await subscriber.untilPong()), ['retained yes/r'])
    for (const qos of [0, 1]) {
      for (const topic of ['no/a', 'yes/a']) publisher.publish(topic, `${topic} ${qos}`, { qos, messageId: 2 })
    }
    await publisher.receive('puback')
    await publisher.receive('puback')
    assert.deepEqual(payloads(await subscriber.untilPong()), ['yes/a 0', 'yes/a 1'])
    await subscriber.disconnect()
    for (const topic of ['no/b', 'yes/b']) assert.equal(await acknowledged(publisher, topic, `${topic} away`), 0)
    const again = await under.connect(durable)
    const got: string[] = []
    while (!got.includes('yes/b away')) got.push(String((await again.receive('publish'))['payload']))
    assert.ok(!got.some((payload) => payload.includes('no/')))
    assert.deepEqual(payloads(await again.untilPong()), [])
    assert.ok(under.broker.stats().counters.refused['receive-not-authorized'] >= 3)
  })

  it('to $SYS is given by rule alone', async () => {
    const access = new ScriptedAccess((_, action, topic) => !(action === 'receive' && topic.startsWith('$SYS/')))
    await using under = await brokerUnderTest({ access })
    const client = await under.connect()
    await client.subscribe('$SYS/#')
    assert.deepEqual(payloads(await client.untilPong()), [])
  })

  it('that somebody else is asked for loses nothing of QoS 1, and QoS 0 with a count', async () => {
    const late = new LateAnswers()
    const access = new ScriptedAccess((_, action) => (action === 'receive' ? late.ask() : true))
    await using under = await brokerUnderTest({ access })
    const subscriber = await under.connect()
    await subscriber.subscribe('a', { qos: 1 })
    const publisher = await under.connect()
    publisher.publish('a', 'zero')
    for (const payload of ['one', 'two']) assert.equal(await acknowledged(publisher, 'a', payload), 0)
    assert.deepEqual(await subscriber.untilPong(), [])
    assert.equal(late.waiting, 1)
    late.answer(true)
    const got = [await subscriber.receive('publish'), await subscriber.receive('publish')]
    assert.deepEqual(payloads(got), ['one', 'two'])
    assert.equal(under.broker.stats().counters.dropped['not-authorized'], 1)
    assert.equal(await acknowledged(publisher, 'a', 'three'), 0)
    assert.deepEqual(payloads([await subscriber.receive('publish')]), ['three'])
    assert.equal(late.waiting, 0, 'the answer is remembered')
  })

  it('withdrawn from a message in flight ends its delivery', async () => {
    const access = new ScriptedAccess(all)
    await using under = await brokerUnderTest({ access })
    const subscriber = await under.connect(durable)
    await subscriber.subscribe('#', { qos: 1 })
    const publisher = await under.connect()
    for (const topic of ['no/a', 'yes/a']) await acknowledged(publisher, topic, topic)
    assert.deepEqual(payloads(await subscriber.untilPong()), ['no/a', 'yes/a'])
    await subscriber.vanish()
    access.change(refusing('receive'))
    const again = await under.connect(durable)
    assert.deepEqual(payloads([await again.receive('publish')]), ['yes/a'])
    assert.deepEqual(payloads(await again.untilPong()), [])
    assert.equal(under.broker.stats().counters.dropped['not-authorized'], 1)
  })

  it('withdrawn from a message in flight at QoS 2 frees its packet id with PUBREL, not before', async () => {
    const access = new ScriptedAccess(all)
    await using under = await brokerUnderTest({ access })
    const subscriber = await under.connect(durable)
    await subscriber.subscribe('#', { qos: 2 })
    const publisher = await under.connect()
    publisher.publish('no/a', 'begun', { qos: 2, messageId: 1 })
    await publisher.receive('pubrec')
    const { messageId } = await subscriber.receive('publish')
    // What it answers does not arrive: it has the message, and the packet id stands for it.
    await subscriber.vanish()
    access.change(refusing('receive'))
    const again = await under.connect(durable)
    publisher.publish('yes/a', 'next', { qos: 2, messageId: 2 })
    assert.equal((await again.receive('pubrel'))['messageId'], messageId)
    assert.notEqual((await again.receive('publish'))['messageId'], messageId)
    again.send({ cmd: 'pubcomp', messageId })
    await again.untilPong()
    assert.equal(under.broker.stats().counters.dropped['not-authorized'], 1)
  })
})

describe('rights that change', () => {
  it('count for live sessions at once, and end subscriptions', async () => {
    const access = new ScriptedAccess(all)
    await using under = await brokerUnderTest({ access })
    const subscriber = await under.connect()
    for (const filter of ['no/a', 'yes/a', '#']) await subscriber.subscribe(filter)
    const publisher = await under.connect()
    publisher.publish('no/a', 'before')
    await publisher.untilPong()
    assert.deepEqual(payloads(await subscriber.untilPong()), ['before'])
    access.change(refusing('subscribe', 'receive'))
    for (const topic of ['no/a', 'no/b', 'yes/a']) publisher.publish(topic, topic)
    await publisher.untilPong()
    assert.deepEqual(payloads(await subscriber.untilPong()), ['yes/a'])
    assert.equal(under.broker.stats().counters.refused['subscription-withdrawn'], 1)
    access.change(all)
    for (const topic of ['no/a', 'no/b']) publisher.publish(topic, topic)
    await publisher.untilPong()
    assert.deepEqual(payloads(await subscriber.untilPong()), ['no/a', 'no/b'], 'by the wider subscription')
  })

  for (const how of ['same', 'restart', 'crash'] as const) {
    it(`count for a session that comes back to ${how === 'same' ? 'the same broker' : `one after a ${how}`}`, async () => {
      const access = new ScriptedAccess(all)
      const first = await brokerUnderTest({ access })
      const subscriber = await first.connect(durable)
      for (const filter of ['no/a', 'yes/a']) await subscriber.subscribe(filter, { qos: 1 })
      await subscriber.disconnect()
      access.change(refusing('subscribe'))
      const between = how === 'same' ? first : await first[how]()
      const again = await between.connect(durable)
      assert.equal(again.connack?.['sessionPresent'], true)
      const publisher = await between.connect()
      for (const topic of ['no/a', 'yes/a']) await acknowledged(publisher, topic, topic)
      assert.deepEqual(payloads([await again.receive('publish')]), ['yes/a'])
      assert.equal(between.broker.stats().counters.refused['subscription-withdrawn'], 1)
      // It is over: the right alone does not bring it back.
      access.change(all)
      await again.vanish()
      await using last = how === 'same' ? between : await between[how]()
      const later = await last.connect(durable)
      const other = await last.connect()
      await acknowledged(other, 'no/a', 'no')
      assert.ok(!payloads(await later.untilPong()).includes('no'))
    })
  }

  it('while somebody is asked make the answer worthless', async () => {
    const late = new LateAnswers()
    const access = new ScriptedAccess((_, action) => (action === 'publish' ? late.ask() : true))
    await using under = await brokerUnderTest({ access })
    const client = await under.connect()
    client.publish('a', 'x', { qos: 1, messageId: 1 })
    const other = await under.connect()
    while (late.waiting === 0) await other.untilPong()
    access.change(refusing('publish', 'none'))
    access.change((_, action) => action !== 'publish')
    late.answer(true)
    assert.equal((await client.receive('puback'))['reasonCode'], 0x87)
  })
})

describe('the right to leave a will', () => {
  const willOn = (topic: string, properties?: Record<string, unknown>) => ({
    topic,
    payload: Buffer.from('gone'),
    qos: 1,
    retain: false,
    ...(properties && { properties }),
  })

  it('is asked for at CONNECT', async () => {
    await using under = await brokerUnderTest({ access: new ScriptedAccess(refusing('publish')) })
    const refused = await under.connect({ will: willOn('no/will') })
    assert.equal(refused.connack?.['reasonCode'], 0x87)
    assert.equal(under.broker.stats().counters.refused['will-not-authorized'], 1)
    assert.equal((await under.connect({ will: willOn('yes/will') })).connack?.['reasonCode'], 0)
  })

  for (const how of ['vanishes', 'is lost in a crash'] as const) {
    it(`is asked for again, of who left it, when the client ${how}`, async () => {
      const access = new ScriptedAccess(all)
      const first = await brokerUnderTest({ access })
      const dying = await first.connect({ clientId: 'dying', username: 'ann', will: willOn('no/will') })
      const other = await first.connect({ clientId: 'other', username: 'bob', will: willOn('yes/will') })
      access.change((username, action) => !(username === 'ann' && action === 'publish'))
      await using under = how === 'vanishes' ? first : await first.crash()
      const watcher = await under.connect({ username: 'cy' })
      await watcher.subscribe('#', { qos: 1 })
      if (how === 'vanishes') for (const client of [dying, other]) await client.vanish()
      assert.equal((await watcher.receive('publish')).topic, 'yes/will')
      assert.deepEqual(payloads(await watcher.untilPong()), [])
      assert.equal(under.broker.stats().counters.refused['will-not-authorized'], 1)
    })
  }
})

it('an access control that fails refuses, and the fault is told', async () => {
  const faults: string[] = []
  const access = new ScriptedAccess((...[, , topic]) => {
    if (topic === 'throws') throw new Error('out of order')
    return topic === 'rejects' ? Promise.reject(new Error('down')) : true
  })
  await using under = await brokerUnderTest({
    access,
    onFault: (message, error) => faults.push(`${message}: ${error}`),
  })
  const client = await under.connect()
  assert.equal(await acknowledged(client, 'throws', 'x'), 0x87)
  assert.equal(await acknowledged(client, 'rejects', 'x'), 0x87)
  assert.deepEqual(faults, ['access control: Error: out of order', 'access control: Error: down'])
})
