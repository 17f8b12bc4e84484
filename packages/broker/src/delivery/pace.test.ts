/** What waits for one client goes out a little at a time, and so does the search for it: it keeps nobody waiting. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SessionNumber } from '@hawser/std'
import { Counters } from '../counters.ts'
import { defaultLimits } from '../limits/limits.ts'
import { RetainedMessages } from '../router/retained.ts'
import { RetainedWalk } from '../router/retained-walk.ts'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import type { AnyPacket, RawClient } from '../testing/raw-client.ts'
import { retainedOn, stepsOf, subscriptionTo } from '../testing/retained-on.ts'
import { ScriptedAccess } from '../testing/scripted-access.ts'
import { TurnCounts } from '../testing/turn-counts.ts'
import { stepsPerTurn } from './pace.ts'

const messages = 2_000

const topicOf = (packet: AnyPacket): unknown => packet['topic']

describe('many retained messages', () => {
  it('go to a new subscription over many turns', async () => {
    using turns = new TurnCounts()
    const access = new ScriptedAccess((_username, action) => {
      if (action === 'receive') turns.count()
      return true
    })
    await using under = await brokerUnderTest({ access })
    const [publisher, subscriber] = [await under.connect(), await under.connect()]
    for (let index = 0; index < messages; index++) publisher.publish(`kept/${index}`, 'value', { retain: true })
    await publisher.untilPong()
    await subscriber.subscribe('#')
    const got = new Set<unknown>()
    while (got.size < messages) got.add(topicOf(await subscriber.receive('publish')))
    // What is looked at when the subscription is made is of the first turn too.
    assert.ok(turns.highest > 0 && turns.highest <= 2 * stepsPerTurn, `${turns.highest} in one turn`)
  })

  it('are found a little at a time where hardly any of them match', () => {
    const retained = new RetainedMessages(defaultLimits, new Counters())
    for (let index = 0; index < messages; index++) retained.load(retainedOn(`kept/${index}/value`))
    retained.load(retainedOn('kept/last/wanted'))
    const walk = new RetainedWalk(1 as SessionNumber, subscriptionTo('kept/+/wanted'), retained, new Map())
    const steps: number[] = []
    while (!walk.over && walk.found === undefined) steps.push(walk.advance(stepsPerTurn))
    assert.equal(walk.found?.topic, 'kept/last/wanted')
    assert.ok(steps.length >= messages / stepsPerTurn && Math.max(...steps) <= stepsPerTurn, `${steps}`)
  })

  it('are not looked at by filters of more levels than they have', () => {
    const retained = new RetainedMessages(defaultLimits, new Counters())
    for (let index = 0; index < messages; index++) retained.load(retainedOn(`kept/${index}`))
    for (const filter of ['+/+/+', '+/+/+/#', 'kept/+/+/value']) {
      assert.ok([...stepsOf(retained.match(filter))].length < 10, filter)
    }
  })
})

describe('many messages in flight', () => {
  it('go out again over many turns when the client comes back', async () => {
    using turns = new TurnCounts()
    const access = new ScriptedAccess()
    await using under = await brokerUnderTest({ access })
    const durable = { clientId: 'durable', clean: false, properties: { sessionExpiryInterval: 60 } }
    const [publisher, before] = [await under.connect(), await under.connect(durable)]
    await before.subscribe('#', { qos: 1 })
    for (let index = 0; index < messages; index++) {
      publisher.publish(`sent/${index}`, 'value', { qos: 1, messageId: index + 1 })
    }
    for (let index = 0; index < messages; index++) await before.receive('publish')
    await before.vanish()
    access.change((_username, action) => {
      if (action === 'receive') turns.count()
      return true
    })
    const after = await under.connect(durable)
    for (let index = 0; index < messages; index++) assert.ok((await after.receive('publish'))['dup'])
    assert.ok(turns.highest > 0 && turns.highest <= stepsPerTurn, `${turns.highest} in one turn`)
  })
})

describe('what is retained and waits for the client', () => {
  /** A client that has the first of three messages in flight, and takes no second one. */
  async function waiting(under: BrokerUnderTest): Promise<RawClient> {
    const publisher = await under.connect()
    for (const [index, topic] of ['a', 'b', 'c'].entries()) {
      publisher.publish(topic, 'value', { retain: true, qos: 1, messageId: index + 1 })
      await publisher.receive('puback')
    }
    const subscriber = await under.connect({ properties: { receiveMaximum: 1 } })
    await subscriber.subscribe('#', { qos: 1 })
    assert.deepEqual((await subscriber.untilPong()).map(topicOf), ['a'])
    return subscriber
  }
  const acknowledge = (client: RawClient): void => client.send({ cmd: 'puback', messageId: 1 })

  it('comes once more for each time that the client subscribes anew', async () => {
    await using under = await brokerUnderTest()
    const subscriber = await waiting(under)
    for (let count = 0; count < 2; count++) await subscriber.subscribe('#', { qos: 1 })
    const got: unknown[] = []
    while (got.length < 8) {
      acknowledge(subscriber)
      got.push(topicOf(await subscriber.receive('publish')))
    }
    acknowledge(subscriber)
    assert.deepEqual(got, ['b', 'c', 'a', 'b', 'c', 'a', 'b', 'c'])
    assert.deepEqual([await subscriber.untilPong(), await subscriber.untilPong()], [[], []])
  })

  it('does not come once the client has unsubscribed', async () => {
    await using under = await brokerUnderTest()
    const subscriber = await waiting(under)
    subscriber.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['#'] })
    await subscriber.receive('unsuback')
    acknowledge(subscriber)
    assert.deepEqual([await subscriber.untilPong(), await subscriber.untilPong()], [[], []])
  })

  it('does not come twice where it is replaced meanwhile', async () => {
    await using under = await brokerUnderTest()
    const subscriber = await waiting(under)
    const publisher = await under.connect()
    publisher.publish('b', 'newer', { retain: true, qos: 1, messageId: 1 })
    await publisher.receive('puback')
    const got: unknown[] = []
    while (got.length < 2) {
      acknowledge(subscriber)
      const packet = await subscriber.receive('publish')
      got.push([topicOf(packet), String(packet['payload']), packet['retain']])
    }
    acknowledge(subscriber)
    assert.deepEqual(got, [
      ['c', 'value', true],
      ['b', 'newer', false],
    ])
    assert.deepEqual([await subscriber.untilPong(), await subscriber.untilPong()], [[], []])
  })
})
