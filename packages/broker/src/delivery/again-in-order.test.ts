/** What was in flight when a connection ended comes again so that a client that goes by PUBREL keeps the order. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import { HeldCommits } from '../testing/held-commits.ts'
import type { AnyPacket, RawClient } from '../testing/raw-client.ts'

const durable = { clientId: 'durable', clean: false, properties: { sessionExpiryInterval: 3_600 } }
const shown = ({ cmd, payload }: AnyPacket): string => (cmd === 'publish' ? String(payload) : cmd)

const comebacks: Record<string, (under: BrokerUnderTest) => Promise<BrokerUnderTest>> = {
  'the same broker': async (under) => under,
  'a restart': (under) => under.restart(),
  'a crash': (under) => under.crash(),
}

async function publishAll(under: BrokerUnderTest, payloads: readonly string[]): Promise<RawClient> {
  const publisher = await under.connect()
  for (const [index, payload] of payloads.entries()) {
    publisher.publish('a', payload, { qos: 2, messageId: index + 1 })
    await publisher.receive('pubrec')
  }
  return publisher
}

describe('QoS 2 in flight', () => {
  for (const [how, comeBack] of Object.entries(comebacks)) {
    it(`after ${how}: PUBREL comes ahead of what is published again [MQTT-4.6.0-4]`, async () => {
      const first = await brokerUnderTest()
      const subscriber = await first.connect(durable)
      await subscriber.subscribe('a', { qos: 2 })
      await publishAll(first, ['one', 'two', 'three', 'four'])
      const ids: unknown[] = []
      while (ids.length < 4) ids.push((await subscriber.receive('publish')).messageId)
      for (const messageId of ids.slice(0, 2)) {
        subscriber.send({ cmd: 'pubrec', messageId })
        await subscriber.receive('pubrel')
      }
      await subscriber.vanish()
      await using under = await comeBack(first)
      const again = await (await under.connect(durable)).untilPong()
      assert.deepEqual(again.map(shown), ['pubrel', 'pubrel', 'three', 'four'])
      assert.deepEqual(
        again.map(({ messageId }) => messageId),
        ids,
      )
    })
  }

  it('what waits for its packet id to be durable does not overtake what was sent', async () => {
    const commits = new HeldCommits()
    await using under = await brokerUnderTest({ schedule: commits.schedule })
    const subscriber = await under.connect(durable)
    await subscriber.subscribe('a', { qos: 2 })
    const publisher = await under.connect()
    commits.hold()
    for (const [index, payload] of ['one', 'two', 'three'].entries()) {
      publisher.publish('a', payload, { qos: 2, messageId: index + 1 })
      await publisher.untilPong()
      // The first two are committed: `three` goes into one commit with their packet ids.
      if (payload === 'two') commits.step()
    }
    commits.step()
    for (const payload of ['one', 'two']) assert.equal(shown(await subscriber.receive('publish')), payload)
    await subscriber.vanish()
    while (under.broker.stats().sessionsOnline > 1) await publisher.untilPong()
    commits.release()
    const again = await under.connect(durable)
    assert.deepEqual((await again.untilPong()).map(shown), ['one', 'two', 'three'])
    publisher.publish('a', 'four', { qos: 2, messageId: 4 })
    assert.equal(shown(await again.receive('publish')), 'four')
    await again.vanish()
    const last = await (await under.connect(durable)).untilPong()
    assert.deepEqual(last.map(shown), ['one', 'two', 'three', 'four'])
  })
})
