/** MQTT 3.1.1, sections 3.1 and 3.2: Clean Session, Session Present, the will. */
import assert from 'node:assert/strict'
import { mqtt } from '../peer/bytes.ts'
import { publish, subscribe, type Will } from '../peer/shorthand.ts'
import { connackOf } from '../peer/views.ts'
import { conformance, type Stage } from '../suite.ts'

/** Messages at QoS 1 that the session subscribed to by another client's connection. */
async function missed({ connect, name }: Stage, payload: string): Promise<void> {
  const publisher = await connect()
  await publish(publisher, name, payload, { qos: 1 })
  await publisher.leave()
}

conformance('v3.1.1', '3.1.2.4 Clean Session', (test) => {
  test('v3.1.1 [MQTT-3.1.2-4] without Clean Session the session goes on, or is made', async (stage) => {
    const options = { clientId: stage.name, clean: false }
    const first = await stage.connect(options)
    assert.equal(first.connack?.sessionPresent, false)
    await subscribe(first, stage.name, 1)
    await first.leave()
    await missed(stage, 'while it was away')
    const second = await stage.connect(options)
    assert.equal(second.connack?.sessionPresent, true)
    assert.equal((await second.publish()).payload, 'while it was away')
    await missed(stage, 'while it is here')
    assert.equal((await second.publish()).payload, 'while it is here')
  })

  test('v3.1.1 [MQTT-3.1.2-5] QoS 1 and 2 is kept for a session that is away', async ({ connect, name }) => {
    const options = { clientId: name, clean: false }
    const first = await connect(options)
    await subscribe(first, name, 2)
    await first.vanish()
    const publisher = await connect()
    const payloads = Array.from({ length: 20 }, (_, index) => `${index}`)
    for (const [index, payload] of payloads.entries()) {
      await publish(publisher, name, payload, { qos: index % 2 === 0 ? 1 : 2, packetId: index + 1 })
    }
    const second = await connect(options)
    const received: string[] = []
    for (const _ of payloads) received.push((await second.publish()).payload)
    assert.deepEqual(received.sort(), payloads.sort())
  })

  test('v3.1.1 [MQTT-3.1.2-6] v3.1.1 [MQTT-3.1.4-3] Clean Session discards the session, and leaves none', async (stage) => {
    const kept = { clientId: stage.name, clean: false }
    const first = await stage.connect(kept)
    await subscribe(first, stage.name, 1)
    await first.leave()
    await missed(stage, 'for the discarded session')
    const clean = await stage.connect({ clientId: stage.name, clean: true })
    assert.equal(clean.connack?.sessionPresent, false)
    await subscribe(clean, `${stage.name}/clean`, 1)
    await clean.silent()
    await clean.leave()
    const last = await stage.connect(kept)
    assert.equal(last.connack?.sessionPresent, false)
    await publish(await stage.connect(), `${stage.name}/clean`, 'x', { qos: 1 })
    await missed(stage, 'nobody subscribes')
    await last.silent()
  })

  test('v3.1.1 [MQTT-3.1.2-7] retained messages do not end with the session that published them', async (stage) => {
    const { connect, name } = stage
    const publisher = await connect({ clientId: name, clean: true })
    await publish(publisher, name, 'kept', { qos: 1, retain: true })
    await publisher.leave()
    await (await connect({ clientId: name, clean: true })).leave()
    const peer = await connect()
    await subscribe(peer, name)
    assert.equal((await peer.publish()).payload, 'kept')
  })

  test('v3.1.1 [MQTT-3.1.3-2] the client identifier names the session', async ({ connect, name }) => {
    for (const clientId of [`${name}a`, `${name}b`]) {
      const peer = await connect({ clientId, clean: false })
      assert.equal(peer.connack?.sessionPresent, false)
      await subscribe(peer, `${name}/${clientId}`, 1)
      await peer.leave()
    }
    const publisher = await connect()
    for (const clientId of [`${name}b`, `${name}a`]) {
      await publish(publisher, `${name}/${clientId}`, clientId, { qos: 1 })
      const peer = await connect({ clientId, clean: false })
      assert.equal((await peer.publish()).payload, clientId)
      await peer.silent()
    }
  })

  test('v3.1.1 [MQTT-3.2.0-1] CONNACK comes before what the session has waiting', async (stage) => {
    const first = await stage.connect({ clientId: stage.name, clean: false })
    await subscribe(first, stage.name, 1)
    await first.leave()
    await missed(stage, 'waiting')
    const peer = await stage.open()
    peer.send(mqtt`10 __ "MQTT" 04 00 0000 ${stage.name}`, mqtt`c0 00`)
    assert.equal((await peer.expect('CONNACK')).hex, '20020100')
  })

  test('v3.1.1 [MQTT-3.2.2-1] Session Present is 0 with Clean Session', async ({ connect, name }) => {
    await (await connect({ clientId: name, clean: false })).leave()
    assert.equal((await connect({ clientId: name, clean: true })).connack?.acknowledgeFlags, 0)
  })

  test('v3.1.1 [MQTT-3.2.2-2] v3.1.1 [MQTT-3.2.2-3] Session Present says whether there was a session', async (stage) => {
    const present: number[] = []
    for (const clean of [false, false, true, false]) {
      const peer = await stage.open()
      peer.send(mqtt`10 __ "MQTT" 04 ${Buffer.of(clean ? 2 : 0)} 0000 ${stage.name}`)
      present.push(connackOf(await peer.expect('CONNACK')).acknowledgeFlags)
      await peer.leave()
    }
    assert.deepEqual(present, [0, 1, 0, 0])
  })
})

/** A subscriber to the case's own topic, and the client whose will goes there. */
async function withWill({ connect, name }: Stage, will: Partial<Will> = {}) {
  const watcher = await connect()
  await subscribe(watcher, name, 2)
  const options = { clientId: `${name}dies`, will: { topic: name, ...will } }
  return { watcher, options, peer: await connect(options) }
}

conformance('v3.1.1', '3.1.2.5 the will', (test) => {
  test('v3.1.1 [MQTT-3.1.2-8] the will is published when the connection ends without DISCONNECT', async (stage) => {
    const { watcher, options, peer } = await withWill(stage, { qos: 1, payload: 'last words' })
    await watcher.silent()
    await peer.vanish()
    const { payload, qos } = await watcher.publish()
    assert.deepEqual([payload, qos], ['last words', 1])
    const broken = await stage.connect(options)
    broken.send(mqtt`3f 00`)
    assert.equal((await watcher.publish()).payload, 'last words', 'a protocol error')
    const half = await stage.connect(options)
    half.socket.end()
    assert.equal((await watcher.publish()).payload, 'last words', 'the end of the stream')
    await stage.connect(options)
    await stage.connect({ clientId: options.clientId })
    assert.equal((await watcher.publish()).payload, 'last words', 'a takeover')
  })

  test('v3.1.1 [MQTT-3.1.2-10] a will that was withdrawn or published is gone', async (stage) => {
    const { watcher, options, peer } = await withWill(stage)
    await peer.leave()
    await watcher.silent()
    await (await stage.connect(options)).vanish()
    assert.equal((await watcher.publish()).payload, 'gone')
    await (await stage.connect({ clientId: options.clientId })).vanish()
    await (await stage.connect({ clientId: options.clientId, clean: false })).leave()
    await watcher.silent()
  })

  test('v3.1.1 [MQTT-3.1.2-12] without a Will Flag nothing is published at the end', async ({ connect, name }) => {
    const watcher = await connect()
    await subscribe(watcher, `${name}/#`)
    await (await connect({ clientId: name })).vanish()
    // Once the same client is back, the broker knows of the end.
    await connect({ clientId: name })
    await watcher.silent()
  })

  test('v3.1.1 [MQTT-3.1.2-16] without Will Retain the will is not retained', async (stage) => {
    const { watcher, peer } = await withWill(stage)
    await peer.vanish()
    assert.equal((await watcher.publish()).retain, false)
    const later = await stage.connect()
    await subscribe(later, stage.name)
    await later.silent()
  })

  test('v3.1.1 [MQTT-3.1.2-17] with Will Retain the will is retained', async (stage) => {
    const { watcher, peer } = await withWill(stage, { retain: true, qos: 1 })
    await peer.vanish()
    await watcher.publish()
    const later = await stage.connect()
    await subscribe(later, stage.name, 1)
    const { retain, payload } = await later.publish()
    assert.deepEqual([retain, payload], [true, 'gone'])
  })
})
