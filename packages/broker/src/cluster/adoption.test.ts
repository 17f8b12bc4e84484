/** What a dead process has left goes on: sessions, messages in flight, wills, expiries. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Members } from '@hawser/engine'
import { brokersUnderTest } from '../testing/brokers-under-test.ts'

const durable = { clientId: 'mover', clean: false, properties: { sessionExpiryInterval: 3_600 } }
const will = (payload: string, willDelayInterval = 0) => ({
  topic: 'wills',
  payload: Buffer.from(payload),
  qos: 1,
  retain: false,
  properties: { willDelayInterval },
})

describe('after a process has died', () => {
  it('its sessions are found by the others, with what was in flight', async () => {
    await using brokers = brokersUnderTest()
    const one = await brokers.start()
    const two = await brokers.start()
    const before = await one.connect(durable)
    await before.subscribe('t', { qos: 2 })
    const publisher = await two.connect({ clientId: 'publisher' })
    for (const [messageId, qos] of [
      [1, 1],
      [2, 2],
    ] as const) {
      publisher.publish('t', `${messageId}`, { qos, messageId })
      await publisher.receive(qos === 1 ? 'puback' : 'pubrec')
    }
    const got = [await before.receive('publish'), await before.receive('publish')]
    before.send({ cmd: 'pubrec', messageId: got[1]?.['messageId'] })
    await before.receive('pubrel')
    before.publish('own', 'mine', { qos: 2, messageId: 9 })
    await before.receive('pubrec')
    one.kill()
    const connecting = two.connect(durable)
    await brokers.pass(1)
    const after = await connecting
    assert.equal(after.connack?.['sessionPresent'], true)
    const again = [await after.receive(), await after.receive()]
    assert.deepEqual(
      again.map(({ cmd, messageId, dup }) => [cmd, messageId, cmd === 'publish' ? dup : undefined]).sort(),
      [
        ['publish', got[0]?.['messageId'], true],
        ['pubrel', got[1]?.['messageId'], undefined],
      ],
    )
    after.publish('own', 'mine', { qos: 2, messageId: 9, dup: true })
    await after.receive('pubrec')
    after.send({ cmd: 'pubrel', messageId: 9 })
    await after.receive('pubcomp')
    assert.equal(two.broker.stats().counters.publishesReacknowledged, 1)
    assert.deepEqual(brokers.faults, [])
  })

  it('wills are published once, those with a delay when it is over', async () => {
    await using brokers = brokersUnderTest()
    const one = await brokers.start()
    const two = await brokers.start()
    const three = await brokers.start()
    const watcher = await three.connect({ clientId: 'watcher' })
    await watcher.subscribe('wills', { qos: 1 })
    await one.connect({ clientId: 'a', will: will('at once') })
    await one.connect({ ...durable, clientId: 'b', will: will('later', 5) })
    await one.connect({ ...durable, clientId: 'c', will: will('never', 5) })
    one.kill()
    await brokers.pass(2.5)
    const back = two.connect({ ...durable, clientId: 'c' })
    await brokers.pass(0.5)
    await back
    const soon = await watcher.untilPong()
    assert.deepEqual(
      soon.map(({ payload }) => String(payload)),
      ['at once'],
    )
    await brokers.pass(10)
    const late = await watcher.untilPong()
    assert.deepEqual(
      late.map(({ payload }) => String(payload)),
      ['later'],
    )
    assert.deepEqual(brokers.faults, [])
  })

  it('sessions expire that nobody holds', async () => {
    await using brokers = brokersUnderTest()
    const one = await brokers.start()
    const two = await brokers.start()
    const short = { ...durable, properties: { sessionExpiryInterval: 8 } }
    await one.connect({ ...short, clientId: 'connected' })
    const left = await one.connect({ ...short, clientId: 'left' })
    await left.vanish()
    await brokers.pass(6)
    one.kill()
    await brokers.pass(1)
    assert.equal(two.broker.stats().sessionsOffline, 2)
    await brokers.pass(12)
    assert.equal(two.broker.stats().sessionsOffline, 0)
    assert.equal(two.broker.stats().counters.sessionsExpired, 2)
    for (const clientId of ['connected', 'left']) {
      const back = await two.connect({ ...short, clientId })
      assert.equal(back.connack?.['sessionPresent'], false)
    }
    assert.deepEqual(brokers.faults, [])
  })

  it('its replacement on the same lane goes on with all of it', async () => {
    await using brokers = brokersUnderTest()
    const one = await brokers.start()
    const two = await brokers.start()
    const before = await one.connect(durable)
    await before.subscribe('t', { qos: 1 })
    one.kill()
    const again = await brokers.start()
    const publisher = await two.connect({ clientId: 'publisher' })
    publisher.publish('t', 'x', { qos: 1, messageId: 1 })
    await publisher.receive('puback')
    const after = await again.connect(durable)
    assert.equal(after.connack?.['sessionPresent'], true)
    assert.equal(String((await after.receive('publish'))['payload']), 'x')
    assert.deepEqual(brokers.faults, [])
  })

  it('and nobody can take its lane over, who may have been with it is refused: 0x88', async () => {
    const membersOf = (members: Members): Members =>
      new Proxy(members, {
        get(target, name) {
          if (name === 'adopt') return async () => undefined
          const value: unknown = Reflect.get(target, name, target)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    await using brokers = brokersUnderTest({ membersOf })
    const one = await brokers.start()
    const two = await brokers.start()
    const here = await two.connect({ ...durable, clientId: 'here' })
    await one.connect(durable)
    one.kill()
    const connecting = two.connect(durable)
    await brokers.pass(9)
    assert.equal((await connecting).connack?.['reasonCode'], 0x88)
    assert.deepEqual(await here.untilPong(), [])
  })

  it('and all others with it, the next to start has everything', async () => {
    await using brokers = brokersUnderTest()
    const all = [await brokers.start(), await brokers.start(), await brokers.start()]
    for (const [index, one] of all.entries()) {
      const client = await one.connect({ ...durable, clientId: `client-${index}` })
      await client.subscribe('t', { qos: 1 })
    }
    for (const one of all) one.kill()
    const next = await brokers.start()
    await brokers.pass(1)
    await next.broker.publish({ topic: 't', payload: Buffer.from('x'), qos: 1 })
    for (const index of all.keys()) {
      const back = await next.connect({ ...durable, clientId: `client-${index}` })
      assert.equal(back.connack?.['sessionPresent'], true)
      assert.equal(String((await back.receive('publish'))['payload']), 'x')
    }
    assert.equal(next.broker.stats().sessionsOffline, 0)
    assert.deepEqual(brokers.faults, [])
  })
})
