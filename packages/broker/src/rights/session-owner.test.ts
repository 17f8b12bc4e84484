import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import { ScriptedAccess } from '../testing/scripted-access.ts'

const durable = { clientId: 'pump', clean: false, properties: { sessionExpiryInterval: 3_600 }, username: 'ann' }

const comebacks: Record<string, (under: BrokerUnderTest) => Promise<BrokerUnderTest>> = {
  'in the same broker': async (under) => under,
  'after a restart': (under) => under.restart(),
  'after a crash': (under) => under.crash(),
}

for (const [how, comeBack] of Object.entries(comebacks)) {
  describe(`a session that is away, ${how}`, () => {
    it('is refused to another identity, with Clean Start too, and waits unharmed for its own', async () => {
      const first = await brokerUnderTest({ access: new ScriptedAccess() })
      const owner = await first.connect(durable)
      await owner.subscribe('a', { qos: 1 })
      await owner.disconnect()
      const publisher = await first.connect()
      publisher.publish('a', 'kept', { qos: 1, messageId: 1 })
      await publisher.receive('puback')
      await using under = await comeBack(first)
      for (const clean of [false, true]) {
        for (const username of ['bob', undefined]) {
          const { username: _, ...nobody } = durable
          const other = await under.connect({ ...nobody, clean, ...(username && { username }) })
          assert.equal(other.connack?.['reasonCode'], 0x87)
          const legacy = await under.connect({ version: 4, clientId: 'pump', clean, ...(username && { username }) })
          assert.equal(legacy.connack?.['returnCode'], 5)
        }
      }
      assert.equal(under.broker.stats().counters.refused['session-of-another'], 8)
      const again = await under.connect(durable)
      assert.equal(again.connack?.['sessionPresent'], true)
      assert.equal(String((await again.receive('publish'))['payload']), 'kept')
    })
  })
}

describe('a session with a connection', () => {
  it('is refused to another identity, and its connection is not disturbed', async () => {
    await using under = await brokerUnderTest({ access: new ScriptedAccess() })
    const will = { topic: 'will', payload: Buffer.from('gone'), qos: 0, retain: false }
    const watcher = await under.connect({ username: 'cy' })
    await watcher.subscribe('will')
    // It ends with its connection: an owner is known of every session.
    const owner = await under.connect({ clientId: 'pump', username: 'ann', will })
    for (const clean of [false, true]) {
      const other = await under.connect({ clientId: 'pump', username: 'bob', clean })
      assert.equal(other.connack?.['reasonCode'], 0x87)
    }
    assert.deepEqual(await owner.untilPong(), [])
    assert.deepEqual(await watcher.untilPong(), [])
    assert.equal(under.broker.stats().counters.takeovers, 0)
  })

  it('is taken over by the same identity', async () => {
    await using under = await brokerUnderTest({ access: new ScriptedAccess() })
    const owner = await under.connect({ clientId: 'pump', username: 'ann' })
    const again = await under.connect({ clientId: 'pump', username: 'ann' })
    assert.equal(again.connack?.['reasonCode'], 0)
    assert.equal((await owner.receive('disconnect'))['reasonCode'], 0x8e)
  })

  it('is free for another identity once it is over', async () => {
    await using under = await brokerUnderTest({ access: new ScriptedAccess() })
    const owner = await under.connect({ clientId: 'pump', username: 'ann' })
    await owner.disconnect()
    const other = await under.connect({ clientId: 'pump', username: 'bob' })
    assert.equal(other.connack?.['reasonCode'], 0)
  })
})

it('where anybody may do anything a user name is a claim, and a session belongs to who knows its client id', async () => {
  await using under = await brokerUnderTest()
  const owner = await under.connect(durable)
  await owner.disconnect()
  const again = await under.connect({ ...durable, username: 'bob' })
  assert.equal(again.connack?.['sessionPresent'], true)
})

it('begun without a login is given to nobody who logs in, and an operator can be told', async () => {
  await using under = await brokerUnderTest({ access: new ScriptedAccess() })
  const told: unknown[] = []
  using _ = under.broker.onEvent((event) => event.kind === 'session-unowned' && told.push(event))
  const { username, ...anonymous } = durable
  await (await under.connect(anonymous)).disconnect()
  const other = await under.connect({ ...anonymous, username, clean: true })
  assert.equal(other.connack?.['reasonCode'], 0x87)
  assert.deepEqual(told, [{ kind: 'session-unowned', clientId: 'pump', expirySeconds: 3_600 }])
  assert.equal((await under.connect(anonymous)).connack?.['sessionPresent'], true)
  assert.equal(told.length, 1)
})
