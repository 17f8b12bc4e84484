/** Shared subscriptions of durable sessions, through absence, restart and crash. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import type { AnyPacket, RawClient } from '../testing/raw-client.ts'

const filter = '$share/g/a/+'
const durable = (clientId: string, expiry = 3_600) => ({
  clientId,
  clean: false,
  properties: { sessionExpiryInterval: expiry },
})
const payloads = (packets: readonly AnyPacket[]): string[] => packets.map((packet) => String(packet['payload']))

async function publish(publisher: RawClient, payload: string, qos: 1 | 2 = 1): Promise<void> {
  publisher.publish('a/b', payload, { qos, messageId: 1 })
  await publisher.receive(qos === 1 ? 'puback' : 'pubrec')
  if (qos === 1) return
  publisher.send({ cmd: 'pubrel', messageId: 1 })
  await publisher.receive('pubcomp')
}

async function passSeconds(clock: ManualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1_000)
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

/** All that is on its way to a client: the reader of a group works over several turns. */
async function receive(client: RawClient, count: number): Promise<AnyPacket[]> {
  const got: AnyPacket[] = []
  while (got.length < count) got.push(await client.receive('publish'))
  assert.deepEqual(await client.untilPong(), [])
  return got
}

const comebacks: Record<string, (under: BrokerUnderTest) => Promise<BrokerUnderTest>> = {
  'the same broker': async (under) => under,
  'a restart': (under) => under.restart(),
  'a crash': (under) => under.crash(),
}

for (const [how, comeBack] of Object.entries(comebacks)) {
  describe(`a durable group after ${how}`, () => {
    it('has for its members what was published while all were away, in order', async () => {
      const first = await brokerUnderTest()
      const [one, two] = [await first.connect(durable('one')), await first.connect(durable('two'))]
      for (const member of [one, two]) await member.subscribe(filter, { qos: 1 })
      await Promise.all([one.disconnect(), two.vanish()])
      const publisher = await first.connect()
      const sent = ['0', '1', '2', '3', '4', '5']
      for (const payload of sent) await publish(publisher, payload, Number(payload) % 2 ? 2 : 1)
      await using under = await comeBack(first)
      const again = await under.connect(durable('one'))
      assert.deepEqual(payloads(await receive(again, sent.length)), sent)
      const other = await under.connect(durable('two'))
      assert.deepEqual(await other.untilPong(), [])
    })

    it('gives what a member has not acknowledged at QoS 1 to whoever is there', async () => {
      const first = await brokerUnderTest()
      const [one, two] = [await first.connect(durable('one')), await first.connect(durable('two'))]
      for (const member of [one, two]) await member.subscribe(filter, { qos: 1 })
      const publisher = await first.connect()
      for (const payload of ['0', '1', '2', '3']) await publish(publisher, payload)
      assert.deepEqual(payloads(await receive(one, 2)), ['0', '2'])
      assert.deepEqual(payloads(await receive(two, 2)), ['1', '3'])
      await Promise.all([one.vanish(), two.vanish()])
      await using under = await comeBack(first)
      const again = await under.connect(durable('two'))
      const got = await receive(again, 4)
      assert.deepEqual(payloads(got), ['0', '1', '2', '3'])
      assert.equal(new Set(got.map((packet) => packet['messageId'])).size, 4)
    })

    it('leaves a QoS 2 delivery that has begun with its session, and gives it to no other', async () => {
      const first = await brokerUnderTest()
      const one = await first.connect(durable('one'))
      await one.subscribe(filter, { qos: 2 })
      const publisher = await first.connect()
      for (const payload of ['sent', 'received', 'complete']) await publish(publisher, payload, 2)
      const [sent, received, complete] = await receive(one, 3)
      for (const packet of [received, complete]) {
        one.send({ cmd: 'pubrec', messageId: packet?.['messageId'] })
        await one.receive('pubrel')
      }
      one.send({ cmd: 'pubcomp', messageId: complete?.['messageId'] })
      await one.untilPong()
      await one.vanish()
      await using under = await comeBack(first)
      const other = await under.connect({ clientId: 'two' })
      await other.subscribe(filter, { qos: 2 })
      assert.deepEqual(await other.untilPong(), [])
      const again = await under.connect(durable('one'))
      assert.deepEqual(
        (await again.untilPong()).map(({ cmd, messageId }) => [cmd, messageId]),
        [
          ['pubrel', received?.['messageId']],
          ['publish', sent?.['messageId']],
        ],
      )
    })

    it('delivers a share and the own copy of the same session once each at QoS 2', async () => {
      const first = await brokerUnderTest()
      const one = await first.connect(durable('one'))
      await one.subscribe(filter, { qos: 2 }, { subscriptionIdentifier: 1 })
      await one.subscribe('a/#', { qos: 2 }, { subscriptionIdentifier: 2 })
      const publisher = await first.connect()
      await publish(publisher, 'begun', 2)
      await receive(one, 2)
      await one.vanish()
      await publish(publisher, 'away', 2)
      await using under = await comeBack(first)
      const again = await under.connect(durable('one'))
      const got = await receive(again, 4)
      const identifiers = got.map((packet) => [
        String(packet['payload']),
        (packet['properties'] as { subscriptionIdentifier: number }).subscriptionIdentifier,
      ])
      assert.deepEqual(identifiers.sort(), [
        ['away', 1],
        ['away', 2],
        ['begun', 1],
        ['begun', 2],
      ])
    })

    it('is gone with its last member', async () => {
      const first = await brokerUnderTest()
      const one = await first.connect(durable('one'))
      await one.subscribe(filter, { qos: 1 })
      one.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: [filter] })
      await one.receive('unsuback')
      const two = await first.connect(durable('two'))
      await two.subscribe('$share/h/a/+', { qos: 1 })
      await two.disconnect()
      const publisher = await first.connect()
      await publish(publisher, 'for nobody in g')
      const between = await comeBack(first)
      const cleaned = await between.connect({ ...durable('two'), clean: true })
      await cleaned.disconnect()
      await using under = await comeBack(between)
      for (const [clientId, name] of [
        ['one', filter],
        ['two', '$share/h/a/+'],
      ] as const) {
        const again = await under.connect(durable(clientId))
        await again.subscribe(name, { qos: 1 })
        assert.deepEqual(await again.untilPong(), [], clientId)
      }
    })
  })
}

describe('a durable group', () => {
  it('after a crash knows what was acknowledged a second before, with and without what is pending', async () => {
    const clock = new ManualClock()
    const first = await brokerUnderTest({ clock })
    const one = await first.connect(durable('one'))
    await one.subscribe(filter, { qos: 1 })
    const publisher = await first.connect()
    const sent = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']
    for (const payload of sent) await publish(publisher, payload)
    for (const packet of await receive(one, sent.length)) {
      if (packet['payload'] !== undefined && ['3', '7'].includes(String(packet['payload']))) continue
      one.send({ cmd: 'puback', messageId: packet['messageId'] })
    }
    await one.untilPong()
    await passSeconds(clock, 2)
    const second = await first.crash()
    const again = await second.connect(durable('one'))
    const pending = await receive(again, 2)
    assert.deepEqual(payloads(pending), ['3', '7'])
    for (const packet of pending) again.send({ cmd: 'puback', messageId: packet['messageId'] })
    await again.untilPong()
    await passSeconds(clock, 12)
    const third = await second.crash()
    const last = await third.connect(durable('one'))
    assert.deepEqual(await last.untilPong(), [])
    await publish(await third.connect(), 'new')
    assert.deepEqual(payloads(await receive(last, 1)), ['new'])
    await third[Symbol.asyncDispose]()
  })

  for (const seconds of [0, 2, 7]) {
    it(`is the same after two crashes in a row, ${seconds} seconds between, ${seconds} after it was made`, async () => {
      const clock = new ManualClock()
      const first = await brokerUnderTest({ clock })
      const one = await first.connect(durable('one'))
      await one.subscribe(filter, { qos: 2 })
      await passSeconds(clock, seconds)
      const publisher = await first.connect()
      await publish(publisher, 'complete', 2)
      const [complete] = await receive(one, 1)
      one.send({ cmd: 'pubrec', messageId: complete?.['messageId'] })
      await one.receive('pubrel')
      await publish(publisher, 'at QoS 1')
      await receive(one, 1)
      await one.vanish()
      await publish(publisher, 'at QoS 2', 2)
      const second = await first.crash()
      await passSeconds(clock, seconds)
      await using third = await second.crash()
      const again = await third.connect(durable('one'))
      assert.equal((await again.receive('pubrel'))['messageId'], complete?.['messageId'])
      // The second may have begun with the session before its end was seen: then it comes first.
      assert.deepEqual(payloads(await receive(again, 2)).sort(), ['at QoS 1', 'at QoS 2'])
    })
  }

  it('keeps the log as far back as it has something to deliver, and no further', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock })
    const floor = (): number => [...under.broker.floor().values()][0] ?? Number.NaN
    const one = await under.connect(durable('one', 30))
    await one.subscribe(filter, { qos: 1 })
    await one.disconnect()
    const publisher = await under.connect()
    await passSeconds(clock, 6)
    const waits = floor()
    for (const payload of ['0', '1', '2']) await publish(publisher, payload)
    await passSeconds(clock, 6)
    assert.equal(floor(), waits)
    await passSeconds(clock, 30)
    assert.equal(under.broker.stats().counters.sessionsExpired, 1)
    assert.ok(floor() > waits + 3, 'the session is over and its group with it')
  })

  it('waits for a member that holds the log back by what it has in flight', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock })
    const floor = (): number => [...under.broker.floor().values()][0] ?? Number.NaN
    const one = await under.connect(durable('one'))
    await one.subscribe(filter, { qos: 1 })
    const publisher = await under.connect()
    await publish(publisher, '0')
    const [packet] = await receive(one, 1)
    const place = (under.log.partitions()[0]?.end ?? 0) - 1
    await passSeconds(clock, 11)
    assert.ok(floor() <= place)
    one.send({ cmd: 'puback', messageId: packet?.['messageId'] })
    await one.untilPong()
    await passSeconds(clock, 11)
    assert.ok(floor() > place)
  })
})
