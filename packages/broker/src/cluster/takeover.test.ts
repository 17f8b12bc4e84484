/** A session goes where its client connects, wherever it was before. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brokersUnderTest, turns } from '../testing/brokers-under-test.ts'
import { closed } from '../testing/raw-client.ts'

const durable = { clientId: 'mover', clean: false, properties: { sessionExpiryInterval: 3_600 } }

describe('a client that connects to another process', () => {
  it('takes its session along, and its connection elsewhere is told so', async () => {
    await using brokers = brokersUnderTest()
    const one = await brokers.start()
    const two = await brokers.start()
    const before = await one.connect(durable)
    await before.subscribe('t', { qos: 1 })
    const after = await two.connect(durable)
    assert.equal(after.connack?.['sessionPresent'], true)
    assert.equal((await before.receive('disconnect'))['reasonCode'], 0x8e)
    assert.equal(await before.next(), closed)
    const publisher = await one.connect()
    publisher.publish('t', 'on', { qos: 1, messageId: 1 })
    await publisher.receive('puback')
    assert.equal(String((await after.receive('publish'))['payload']), 'on')
    assert.equal(one.broker.stats().sessionsOnline, 1)
    const sums = [one, two].reduce((sum, { broker }) => sum + broker.stats().sessionsOffline, 0)
    assert.equal(sums, 0)
    assert.deepEqual(brokers.faults, [])
  })

  it('finds what was in flight in both directions, and gets QoS 2 once', async () => {
    await using brokers = brokersUnderTest()
    const one = await brokers.start()
    const two = await brokers.start()
    const before = await one.connect(durable)
    await before.subscribe('t', { qos: 2 })
    const publisher = await two.connect({ clientId: 'publisher' })
    publisher.publish('t', 'first', { qos: 2, messageId: 7 })
    await publisher.receive('pubrec')
    const first = await before.receive('publish')
    // The client has it, and says so; its PUBREL is lost with the connection.
    before.send({ cmd: 'pubrec', messageId: first['messageId'] })
    await before.receive('pubrel')
    // What it publishes itself has reached the broker, but its PUBREC does not reach the client.
    before.publish('own', 'mine', { qos: 2, messageId: 9 })
    await before.receive('pubrec')
    const after = await two.connect(durable)
    assert.equal((await after.receive('pubrel'))['messageId'], first['messageId'])
    after.send({ cmd: 'pubcomp', messageId: first['messageId'] })
    const watcher = await one.connect({ clientId: 'watcher' })
    await watcher.subscribe('own', { qos: 2 })
    after.publish('own', 'mine', { qos: 2, messageId: 9, dup: true })
    await after.receive('pubrec')
    after.send({ cmd: 'pubrel', messageId: 9 })
    await after.receive('pubcomp')
    assert.deepEqual(await watcher.untilPong(), [], 'the resend is the same message')
    assert.deepEqual(await after.untilPong(), [])
  })

  it('comes back to the first again and again', async () => {
    await using brokers = brokersUnderTest()
    const all = [await brokers.start(), await brokers.start(), await brokers.start()]
    const publisher = await all[0]?.connect({ clientId: 'publisher' })
    assert.ok(publisher)
    const got: string[] = []
    for (let round = 0; round < 9; round++) {
      const mover = await all[round % 3]?.connect(durable)
      assert.ok(mover)
      if (round === 0) await mover.subscribe('t', { qos: 1 })
      else assert.equal(mover.connack?.['sessionPresent'], true)
      publisher.publish('t', `${round}`, { qos: 1, messageId: 1 + round })
      await publisher.receive('puback')
      const message = await mover.receive('publish')
      got.push(String(message['payload']))
      mover.send({ cmd: 'puback', messageId: message['messageId'] })
      await mover.untilPong()
      if (round % 2 === 0) await mover.vanish()
      if (round % 4 === 1) await brokers.pass(6)
    }
    assert.deepEqual(got, ['0', '1', '2', '3', '4', '5', '6', '7', '8'])
    assert.deepEqual(brokers.faults, [])
  })

  it('begins anew with Clean Start, and nothing of the old comes back by a crash', async () => {
    await using brokers = brokersUnderTest()
    const one = await brokers.start()
    const two = await brokers.start()
    const before = await one.connect(durable)
    await before.subscribe('t', { qos: 1 })
    const after = await two.connect({ ...durable, clean: true })
    assert.equal(after.connack?.['sessionPresent'], false)
    await after.disconnect({ sessionExpiryInterval: 0 })
    await brokers.pass(6)
    one.kill()
    await brokers.pass(1)
    const last = await two.connect(durable)
    assert.equal(last.connack?.['sessionPresent'], false)
    assert.deepEqual(brokers.faults, [])
  })

  it('is refused what is another user’s, and disturbs nobody', async () => {
    const { ScriptedAccess } = await import('../testing/scripted-access.ts')
    await using brokers = brokersUnderTest()
    const one = await brokers.start({ access: new ScriptedAccess() })
    const two = await brokers.start({ access: new ScriptedAccess() })
    const before = await one.connect({ ...durable, username: 'ann' })
    const other = await two.connect({ ...durable, clean: true, username: 'bob' })
    assert.equal(other.connack?.['reasonCode'], 0x87)
    assert.deepEqual(await before.untilPong(), [])
    await before.vanish()
    await turns(5)
    const offline = await two.connect({ ...durable, username: 'bob' })
    assert.equal(offline.connack?.['reasonCode'], 0x87)
    const again = await two.connect({ ...durable, username: 'ann' })
    assert.equal(again.connack?.['sessionPresent'], true)
  })
})
