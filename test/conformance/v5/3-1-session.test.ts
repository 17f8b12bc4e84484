/** MQTT 5.0, section 3.1: which session a CONNECT gets, and how long one lasts. */
import assert from 'node:assert/strict'
import { mqtt } from '../peer/bytes.ts'
import { propertyOf } from '../peer/received.ts'
import { publish, subscribe } from '../peer/shorthand.ts'
import { conformance, ownClock } from '../suite.ts'

const assignedClientIdentifier = 0x12

conformance('v5', '3.1 the session of a CONNECT', (test) => {
  test('v5 [MQTT-3.1.2-4] Clean Start discards the session and begins a new one', async ({ connect, name }) => {
    const first = await connect({ clientId: name, sessionExpirySeconds: 600 })
    await subscribe(first, name, 1)
    await first.leave()
    const publisher = await connect()
    await publish(publisher, name, 'for the old session', { qos: 1 })
    const second = await connect({ clientId: name, clean: true, sessionExpirySeconds: 600 })
    assert.equal(second.connack?.sessionPresent, false)
    await publish(publisher, name, 'too', { qos: 1 })
    await second.silent()
  })

  test('v5 [MQTT-3.1.2-5] without Clean Start the session goes on', async ({ connect, name }) => {
    const first = await connect({ clientId: name, sessionExpirySeconds: 600 })
    await subscribe(first, name, 1)
    await first.leave()
    const publisher = await connect()
    await publish(publisher, name, 'missed', { qos: 1 })
    const second = await connect({ clientId: name, clean: false, sessionExpirySeconds: 600 })
    assert.equal(second.connack?.sessionPresent, true)
    assert.equal((await second.publish()).payload, 'missed')
  })

  test('v5 [MQTT-3.1.2-6] without Clean Start and without a session a new one is made', async ({ connect, name }) => {
    const peer = await connect({ clientId: name, clean: false })
    assert.equal(peer.connack?.sessionPresent, false)
    await subscribe(peer, name)
    await publish(await connect(), name, 'works')
    assert.equal((await peer.publish()).payload, 'works')
  })

  test('v5 [MQTT-3.1.2-23] a session with an expiry is there after its connection', async ({ connect, name }) => {
    const ways = {
      vanish: (peer: Awaited<ReturnType<typeof connect>>) => peer.vanish(),
      leave: (peer: Awaited<ReturnType<typeof connect>>) => peer.leave(),
    }
    for (const [way, end] of Object.entries(ways)) {
      const clientId = `${name}${way}`
      const first = await connect({ clientId, clean: false, sessionExpirySeconds: 600 })
      await subscribe(first, `${name}/${way}`, 1)
      await end(first)
      await publish(await connect(), `${name}/${way}`, way, { qos: 1 })
      const second = await connect({ clientId, clean: false, sessionExpirySeconds: 600 })
      assert.equal((await second.publish()).payload, way)
      await second.leave()
    }
    // Without an expiry it is gone.
    await (await connect({ clientId: name, clean: false })).leave()
    assert.equal((await connect({ clientId: name, clean: false })).connack?.sessionPresent, false)
  })

  test(
    'v5 [MQTT-3.1.2-23] a session is there until its expiry is over',
    ownClock(),
    async ({ connect, name, passSeconds }) => {
      const options = { clientId: name, clean: false, sessionExpirySeconds: 60 }
      await (await connect(options)).leave()
      await passSeconds(58)
      const again = await connect(options)
      assert.equal(again.connack?.sessionPresent, true)
      await again.leave()
      await passSeconds(63)
      assert.equal((await connect(options)).connack?.sessionPresent, false)
    },
  )

  test('v5 [MQTT-3.1.3-2] the client identifier names the session', async ({ connect, name }) => {
    const options = { clean: false, sessionExpirySeconds: 600 }
    for (const clientId of [`${name}a`, `${name}b`]) {
      const peer = await connect({ ...options, clientId })
      assert.equal(peer.connack?.sessionPresent, false)
      await subscribe(peer, `${name}/${clientId}`, 1)
      await peer.leave()
    }
    const publisher = await connect()
    for (const clientId of [`${name}b`, `${name}a`]) {
      await publish(publisher, `${name}/${clientId}`, clientId, { qos: 1 })
      const peer = await connect({ ...options, clientId })
      assert.equal((await peer.publish()).payload, clientId)
      await peer.silent()
    }
  })

  test('v5 [MQTT-3.1.3-6] clients without an identifier are given one each', async ({ connect }) => {
    const first = await connect({ clientId: '' })
    const second = await connect({ clientId: '' })
    await first.silent()
    await second.silent()
  })

  test('v5 [MQTT-3.1.3-7] an assigned identifier is told, and is that of the session', async ({ connect, name }) => {
    const options = { clean: false, sessionExpirySeconds: 600 }
    const first = await connect({ ...options, clientId: '' })
    const assigned = propertyOf(first.connack?.properties ?? [], assignedClientIdentifier)
    assert.ok(typeof assigned === 'string' && assigned.length > 0)
    await subscribe(first, name, 1)
    await first.leave()
    await publish(await connect(), name, 'missed', { qos: 1 })
    const second = await connect({ ...options, clientId: assigned })
    assert.equal(second.connack?.sessionPresent, true)
    assert.equal((await second.publish()).payload, 'missed')
    // Told to those without one only.
    assert.equal(propertyOf(second.connack?.properties ?? [], assignedClientIdentifier), undefined)
    second.send(mqtt`e0 __ 00 {11 00000000}`)
    await second.ending()
  })
})

conformance('v5', '3.1.2.10 keep alive', (test) => {
  test(
    'v5 [MQTT-3.1.2-22] a client that is silent for one and a half times its keep alive is disconnected, not before',
    ownClock(),
    async ({ connect, passSeconds, name }) => {
      const watcher = await connect()
      await subscribe(watcher, name)
      const peer = await connect({ keepAliveSeconds: 10, will: { topic: name } })
      await passSeconds(15)
      await peer.silent()
      await passSeconds(17)
      assert.deepEqual(await peer.closes(0x8d), { code: 0x8d, before: [] })
      // As if the network had failed: the will is published.
      assert.equal((await watcher.publish()).payload, 'gone')
    },
  )

  test('v5 [MQTT-3.2.2-22] the keep alive of CONNECT holds where the server names none', ownClock(), async (stage) => {
    const peer = await stage.connect({ keepAliveSeconds: 4 })
    assert.equal(propertyOf(peer.connack?.properties ?? [], 0x13), undefined)
    await stage.passSeconds(6)
    await peer.silent()
    await stage.passSeconds(8)
    await peer.closes(0x8d)
    const never = await stage.connect({ keepAliveSeconds: 0 })
    await stage.passSeconds(120)
    await never.silent()
  })
})
