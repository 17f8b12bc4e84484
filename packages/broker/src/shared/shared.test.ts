/** Shared subscriptions over real sockets: who gets what, once. Section 4.8.2 of 5.0. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import type { AnyPacket, RawClient } from '../testing/raw-client.ts'

const filter = '$share/g/a/+'
const payloads = (packets: readonly AnyPacket[]): string[] => packets.map((packet) => String(packet['payload']))

async function members(under: BrokerUnderTest, count: number, qos: number, version: 4 | 5 = 5): Promise<RawClient[]> {
  const clients: RawClient[] = []
  for (let index = 0; index < count; index++) {
    const client = await under.connect({ version, clientId: `member-${index}` })
    await client.subscribe(filter, { qos })
    clients.push(client)
  }
  return clients
}

async function publishAll(publisher: RawClient, topic: string, sent: readonly string[], qos: 0 | 1 | 2): Promise<void> {
  for (const [index, payload] of sent.entries()) publisher.publish(topic, payload, { qos, messageId: index + 1 })
  if (qos === 0) await publisher.untilPong()
  if (qos === 1) for (const _ of sent) await publisher.receive('puback')
  if (qos < 2) return
  for (const _ of sent) publisher.send({ cmd: 'pubrel', messageId: (await publisher.receive('pubrec'))['messageId'] })
  for (const _ of sent) await publisher.receive('pubcomp')
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`)

for (const version of [4, 5] as const) {
  for (const qos of [0, 1, 2] as const) {
    describe(`a shared subscription at QoS ${qos}, protocol level ${version}`, () => {
      it('gives each message to one member, in turn and in order, beside the copy of an ordinary subscriber', async () => {
        await using under = await brokerUnderTest()
        const group = await members(under, 3, qos, version)
        const ordinary = await under.connect({ version })
        await ordinary.subscribe('a/#', { qos })
        const publisher = await under.connect({ version })
        const sent = numbers(30)
        await publishAll(publisher, 'a/b', sent, qos)
        for (const [index, member] of group.entries()) {
          const got = await member.untilPong()
          assert.deepEqual(
            payloads(got),
            sent.filter((_, number) => number % 3 === index),
          )
          assert.ok(got.every((packet) => packet['qos'] === qos))
        }
        assert.deepEqual(payloads(await ordinary.untilPong()), sent)
      })
    })
  }
}

describe('a member of a shared subscription', () => {
  it('gets its share beside its own copy, each with the identifier of its subscription', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect()
    await client.subscribe(filter, { qos: 1 }, { subscriptionIdentifier: 1 })
    await client.subscribe('a/b', { qos: 1 }, { subscriptionIdentifier: 2 })
    client.publish('a/b', 'one', { qos: 1, messageId: 1 })
    client.publish('a/b', 'two')
    const got: AnyPacket[] = []
    while (got.length < 4) {
      const packet = await client.receive()
      if (packet.cmd === 'publish') got.push(packet)
    }
    const identifiers = got.map((packet) => [
      String(packet['payload']),
      (packet['properties'] as { subscriptionIdentifier: number }).subscriptionIdentifier,
    ])
    assert.deepEqual(identifiers.sort(), [
      ['one', 1],
      ['one', 2],
      ['two', 1],
      ['two', 2],
    ])
  })

  it('is given the lower of both QoS', async () => {
    await using under = await brokerUnderTest()
    const [low, high] = await members(under, 2, 0)
    assert.ok(low && high)
    await high.subscribe(filter, { qos: 2 })
    const publisher = await under.connect()
    await publishAll(publisher, 'a/b', numbers(4), 1)
    assert.deepEqual(
      (await low.untilPong()).map((packet) => packet['qos']),
      [0, 0],
    )
    assert.deepEqual(
      (await high.untilPong()).map((packet) => packet['qos']),
      [1, 1],
    )
  })

  it('gets no retained message by it, whatever its Retain Handling', async () => {
    await using under = await brokerUnderTest()
    const publisher = await under.connect()
    publisher.publish('a/b', 'kept', { retain: true, qos: 1, messageId: 1 })
    await publisher.receive('puback')
    const client = await under.connect()
    await client.subscribe(filter, { qos: 1, rh: 0 })
    assert.deepEqual(await client.untilPong(), [])
  })

  it('is disconnected with 0x82 for No Local', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect()
    client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: filter, qos: 0, nl: true, rap: false, rh: 0 }],
    })
    assert.equal((await client.receive('disconnect'))['reasonCode'], 0x82)
    assert.equal(typeof (await client.next()), 'symbol')
  })

  it('no longer gets messages after UNSUBSCRIBE, and others get them', async () => {
    await using under = await brokerUnderTest()
    const [leaver, stayer] = await members(under, 2, 1)
    assert.ok(leaver && stayer)
    leaver.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: [filter] })
    await leaver.receive('unsuback')
    const publisher = await under.connect()
    await publishAll(publisher, 'a/b', numbers(4), 1)
    assert.deepEqual(await leaver.untilPong(), [])
    assert.deepEqual(payloads(await stayer.untilPong()), numbers(4))
    assert.equal(under.broker.stats().sharedSubscriptions, 1)
  })

  it('never has more in flight than its Receive Maximum; the others get what it cannot take', async () => {
    await using under = await brokerUnderTest()
    const narrow = await under.connect({ clientId: 'narrow', properties: { receiveMaximum: 2 } })
    const wide = await under.connect({ clientId: 'wide' })
    for (const client of [narrow, wide]) await client.subscribe(filter, { qos: 1 })
    const publisher = await under.connect()
    await publishAll(publisher, 'a/b', numbers(20), 1)
    const [few, many] = [await narrow.untilPong(), await wide.untilPong()]
    assert.equal(few.length, 2)
    assert.deepEqual(payloads([...few, ...many]).sort(), numbers(20).sort())
  })

  it('that discards a message by a negative acknowledgement does not pass it on', async () => {
    await using under = await brokerUnderTest()
    const [refuser, other] = await members(under, 2, 2)
    assert.ok(refuser && other)
    const publisher = await under.connect()
    publisher.publish('a/b', 'one', { qos: 1, messageId: 1 })
    const one = await refuser.receive('publish')
    refuser.send({ cmd: 'puback', messageId: one['messageId'], reasonCode: 0x80 })
    publisher.publish('a/b', 'two', { qos: 2, messageId: 2 })
    const two = await other.receive('publish')
    other.send({ cmd: 'pubrec', messageId: two['messageId'], reasonCode: 0x97 })
    await Promise.all([refuser.untilPong(), other.untilPong()])
    await Promise.all([refuser.vanish(), other.disconnect()])
    const late = await under.connect()
    await late.subscribe(filter, { qos: 2 })
    assert.deepEqual(await late.untilPong(), [])
  })
})

describe('members that go', () => {
  it('give back what they have not acknowledged at QoS 1, in order and as new packets', async () => {
    await using under = await brokerUnderTest()
    const [leaver, stayer] = await members(under, 2, 1)
    assert.ok(leaver && stayer)
    const publisher = await under.connect()
    await publishAll(publisher, 'a/b', numbers(10), 1)
    const [first] = await leaver.untilPong()
    leaver.send({ cmd: 'puback', messageId: first?.['messageId'] })
    await leaver.untilPong()
    assert.deepEqual(payloads(await stayer.untilPong()), ['1', '3', '5', '7', '9'])
    await leaver.vanish()
    const back: AnyPacket[] = []
    while (back.length < 4) back.push(await stayer.receive('publish'))
    assert.deepEqual(payloads(back), ['2', '4', '6', '8'])
    assert.ok(back.every(({ dup }) => dup === false))
    assert.deepEqual(await stayer.untilPong(), [])
  })

  it('keep a QoS 2 delivery that has begun, and complete it when they return', async () => {
    await using under = await brokerUnderTest()
    const durable = { clientId: 'durable', clean: false, properties: { sessionExpiryInterval: 3_600 } }
    const leaver = await under.connect(durable)
    await leaver.subscribe(filter, { qos: 2 })
    const publisher = await under.connect()
    publisher.publish('a/b', 'sent', { qos: 2, messageId: 1 })
    const sent = await leaver.receive('publish')
    publisher.publish('a/b', 'received', { qos: 2, messageId: 2 })
    const received = await leaver.receive('publish')
    leaver.send({ cmd: 'pubrec', messageId: received['messageId'] })
    await leaver.receive('pubrel')
    await leaver.vanish()
    const stayer = await under.connect()
    await stayer.subscribe(filter, { qos: 2 })
    assert.deepEqual(await stayer.untilPong(), [], 'nothing that has begun is given to another')
    const again = await under.connect(durable)
    const got = await again.untilPong()
    assert.deepEqual(
      got.map(({ cmd, dup, ...packet }) => [cmd, cmd === 'publish' && dup, packet['messageId']]),
      [
        ['pubrel', false, received['messageId']],
        ['publish', true, sent['messageId']],
      ],
    )
  })

  it('take a QoS 2 delivery that has begun to the end of their session, and no other gets it', async () => {
    await using under = await brokerUnderTest()
    const [leaver, stayer] = await members(under, 2, 2)
    assert.ok(leaver && stayer)
    const publisher = await under.connect()
    await publishAll(publisher, 'a/b', ['one'], 2)
    assert.deepEqual(payloads(await leaver.untilPong()), ['one'])
    await leaver.vanish()
    await publishAll(publisher, 'a/b', ['two'], 2)
    assert.deepEqual(payloads([await stayer.receive('publish')]), ['two'])
    assert.deepEqual(await stayer.untilPong(), [])
  })

  it('complete what is in flight after UNSUBSCRIBE, or give it back with their connection', async () => {
    await using under = await brokerUnderTest()
    const [leaver, stayer] = await members(under, 2, 1)
    assert.ok(leaver && stayer)
    const publisher = await under.connect()
    await publishAll(publisher, 'a/b', numbers(4), 1)
    const got = await leaver.untilPong()
    assert.deepEqual(payloads(got), ['0', '2'])
    leaver.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: [filter] })
    await leaver.receive('unsuback')
    leaver.send({ cmd: 'puback', messageId: got[0]?.['messageId'] })
    await leaver.untilPong()
    assert.deepEqual(payloads(await stayer.untilPong()), ['1', '3'])
    await leaver.vanish()
    assert.deepEqual(payloads([await stayer.receive('publish')]), ['2'])
    assert.deepEqual(await stayer.untilPong(), [])
  })
})

describe('what a SUBSCRIBE to a share is answered', () => {
  it('is granted and announced to 5.0, and refused past the bound of groups', async () => {
    await using under = await brokerUnderTest({ limits: { sharedGroupsMax: 1 } })
    const client = await under.connect()
    const properties = client.connack?.['properties'] as Record<string, unknown>
    assert.notEqual(properties['sharedSubscriptionAvailable'], false)
    assert.deepEqual((await client.subscribe('$share/g/a', { qos: 1 }))['granted'], [1])
    assert.deepEqual((await client.subscribe('$share/h/a', { qos: 1 }))['granted'], [0x97])
    client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['$share/g/a'] })
    await client.receive('unsuback')
    assert.deepEqual((await client.subscribe('$share/h/a', { qos: 1 }))['granted'], [1])
  })

  it('is no share of `$` topics for a wildcard', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect()
    await client.subscribe('$share/g/#', { qos: 1 })
    const publisher = await under.connect()
    await publishAll(publisher, '$own/topic', ['hidden'], 1)
    await publishAll(publisher, '$share/g/a', ['hidden'], 1)
    await publishAll(publisher, 'a', ['seen'], 1)
    assert.deepEqual(payloads(await client.untilPong()), ['seen'])
  })
})
