/** MQTT 3.1.1, section 3.3: PUBLISH. */
import assert from 'node:assert/strict'
import { allowAll } from '@hawser/broker'
import { mqtt, raw, u8 } from '../peer/bytes.ts'
import { publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import type { Publish } from '../peer/views.ts'
import { conformance, type Stage } from '../suite.ts'

/** What is retained below a filter, in any order and nothing else. */
async function kept({ connect }: Stage, filter: string, ...payloads: readonly string[]): Promise<void> {
  const peer = await connect()
  await subscribe(peer, filter, 2)
  const received: Publish[] = []
  while (received.length < payloads.length) received.push(await peer.publish())
  received.push(...(await peer.publishes()))
  assert.deepEqual(received.map(({ payload }) => payload).sort(), [...payloads].sort())
  assert.ok(received.every(({ retain }) => retain))
  await peer.leave()
}

conformance('v3.1.1', '3.3.1 fixed header of PUBLISH', (test) => {
  test('v3.1.1 [MQTT-3.3.1-1] a PUBLISH that is sent again has DUP', async ({ connect, name }) => {
    const options = { clientId: name, clean: false }
    const first = await connect(options)
    await subscribe(first, name, 2)
    const publisher = await connect()
    await publish(publisher, name, 'one', { qos: 1 })
    await publish(publisher, name, 'two', { qos: 2 })
    const before = [await first.publish(), await first.publish()]
    assert.ok(before.every(({ duplicate }) => !duplicate))
    await first.vanish()
    const second = await connect(options)
    const again = [await second.publish(), await second.publish()]
    assert.deepEqual(
      again,
      before.map((sent) => ({ ...sent, duplicate: true })),
    )
  })

  test('v3.1.1 [MQTT-3.3.1-2] a QoS 0 PUBLISH has no DUP, and one that has ends the connection', async (stage) => {
    const peer = await stage.connect()
    await subscribe(peer, stage.name)
    await publish(await stage.connect(), stage.name, 'x', { qos: 1, duplicate: true })
    assert.equal((await peer.expect('PUBLISH')).flags, 0)
    await stage.breaks(mqtt`38 __ ${stage.name}`)
  })

  test('v3.1.1 [MQTT-3.3.1-3] DUP of what comes in does not go out', async ({ connect, name }) => {
    const peer = await connect()
    await subscribe(peer, name, 2)
    const publisher = await connect()
    await publish(publisher, name, 'x', { qos: 1, duplicate: true })
    await publish(publisher, name, 'y', { qos: 2, duplicate: true })
    assert.deepEqual([(await peer.publish()).duplicate, (await peer.publish()).duplicate], [false, false])
  })

  test('v3.1.1 [MQTT-3.3.1-4] a PUBLISH with QoS 3 ends the connection', async ({ breaks, name }) => {
    for (const first of [0x36, 0x37, 0x3e, 0x3f]) await breaks(mqtt`${u8(first)} __ ${name} 0001`)
  })

  test('v3.1.1 [MQTT-3.3.1-5] a retained message is kept with its QoS, in place of the one before', async (stage) => {
    const publisher = await stage.connect()
    for (const qos of [1, 2, 0] as const) {
      await publish(publisher, stage.name, `${qos}`, { qos, retain: true })
      const peer = await stage.connect()
      await subscribe(peer, stage.name, 2)
      const received = await peer.publish()
      assert.deepEqual([received.payload, received.qos, received.retain], [`${qos}`, qos, true])
      await peer.silent()
    }
  })

  test('v3.1.1 [MQTT-3.3.1-6] a new subscription gets the last retained message of each topic', async (stage) => {
    const publisher = await stage.connect()
    for (const topic of ['a', 'b', 'a/b', 'a']) {
      await publish(publisher, `${stage.name}/${topic}`, topic, { qos: 1, retain: true })
    }
    await kept(stage, `${stage.name}/#`, 'a', 'a/b', 'b')
    await kept(stage, `${stage.name}/+/b`, 'a/b')
  })

  test('v3.1.1 [MQTT-3.3.1-7] a retained QoS 0 discards what was retained', async (stage) => {
    const publisher = await stage.connect()
    await publish(publisher, stage.name, 'old', { qos: 1, retain: true })
    await publish(publisher, stage.name, 'new', { qos: 0, retain: true })
    const peer = await stage.connect()
    await subscribe(peer, stage.name)
    // To keep the new one is allowed, not asked for.
    assert.ok((await peer.publishes()).every(({ payload }) => payload !== 'old'))
  })

  test('v3.1.1 [MQTT-3.3.1-8] RETAIN is set on what a new subscription is sent', async (stage) => {
    await publish(await stage.connect(), stage.name, 'kept', { qos: 1, retain: true })
    await kept(stage, stage.name, 'kept')
  })

  test('v3.1.1 [MQTT-3.3.1-9] RETAIN is not set on what an established subscription is sent', async ({
    connect,
    name,
  }) => {
    const peer = await connect()
    await subscribe(peer, name, 2)
    const publisher = await connect()
    for (const qos of [0, 1, 2] as const) {
      await publish(publisher, name, 'x', { qos, retain: true })
      assert.equal((await peer.publish()).retain, false)
    }
  })

  test('v3.1.1 [MQTT-3.3.1-10] an empty retained message is delivered, and removes what was retained', async (stage) => {
    for (const qos of [0, 1, 2] as const) {
      const topic = `${stage.name}/${qos}`
      const publisher = await stage.connect()
      await publish(publisher, topic, 'kept', { qos: 1, retain: true })
      const peer = await stage.connect()
      await subscribe(peer, topic)
      assert.equal((await peer.publish()).payload, 'kept')
      await publish(publisher, topic, '', { qos, retain: true })
      const { payload, retain } = await peer.publish()
      assert.deepEqual([payload, retain], ['', false])
      await kept(stage, topic)
    }
  })

  test('v3.1.1 [MQTT-3.3.1-11] an empty retained message is not kept', async (stage) => {
    await publish(await stage.connect(), stage.name, '', { qos: 1, retain: true })
    await kept(stage, stage.name)
  })

  test('v3.1.1 [MQTT-3.3.1-12] a message without RETAIN leaves what is retained as it is', async (stage) => {
    const publisher = await stage.connect()
    await publish(publisher, stage.name, 'kept', { qos: 1, retain: true })
    for (const payload of ['other', '']) await publish(publisher, stage.name, payload, { qos: 1 })
    await kept(stage, stage.name, 'kept')
    await publish(publisher, `${stage.name}/never`, 'x', { qos: 1 })
    await kept(stage, `${stage.name}/never`)
  })
})

conformance('v3.1.1', '3.3.2 to 3.3.5 topic name and actions of PUBLISH', (test) => {
  test('v3.1.1 [MQTT-3.3.2-1] the topic name is first, and text', async ({ connect, breaks, name }) => {
    const peer = await connect()
    const topic = `${name}/über/地/🌡`
    await subscribe(peer, topic, 1)
    await publish(await connect(), topic, 'x')
    assert.deepEqual((await peer.expect('PUBLISH')).bytes, mqtt`30 __ ${topic} ${raw('x')}`)
    for (const bytes of [mqtt`30 __ 0003 61 ff 62`, mqtt`30 00`, mqtt`30 03 0004 61`]) await breaks(bytes)
  })

  test('v3.1.1 [MQTT-3.3.2-2] a topic name with a wildcard ends the connection', async ({ breaks, name }) => {
    for (const topic of ['#', '+', `${name}/#`, `${name}/+/x`, `${name}+`, `${name}#`]) {
      await breaks(publishPacket('v3.1.1', topic, 'x'))
    }
  })

  test('v3.1.1 [MQTT-3.3.2-3] a topic name that is sent matches the filter of the subscription', async (stage) => {
    const { connect, name } = stage
    const peer = await connect()
    await subscribe(peer, `${name}/+/c`)
    const publisher = await connect()
    for (const topic of ['a', 'a/c', 'a/b/c', '/c', 'a/c/', 'b/c', 'a/C'])
      await publish(publisher, `${name}/${topic}`, 'x')
    const topics = (await peer.publishes()).map(({ topic }) => topic.slice(name.length))
    assert.deepEqual(topics, ['/a/c', '//c', '/b/c'])
  })

  test('v3.1.1 [MQTT-3.3.4-1] a PUBLISH is answered as its QoS asks', async ({ connect, name }) => {
    const peer = await connect()
    peer.send(publishPacket('v3.1.1', name, 'x'))
    await peer.silent()
    peer.send(publishPacket('v3.1.1', name, 'x', { qos: 1, packetId: 17 }))
    assert.equal((await peer.expect('PUBACK')).hex, '40020011')
    peer.send(publishPacket('v3.1.1', name, 'x', { qos: 2, packetId: 18 }))
    assert.equal((await peer.expect('PUBREC')).hex, '50020012')
    await peer.silent()
  })

  test('v3.1.1 [MQTT-3.3.5-1] overlapping subscriptions get the message at the highest QoS of them', async (stage) => {
    const { connect, name } = stage
    const peer = await connect()
    await subscribe(peer, `${name}/#`, 0)
    await subscribe(peer, `${name}/a`, 2)
    await subscribe(peer, `${name}/+`, 1)
    await publish(await connect(), `${name}/a`, 'x', { qos: 2 })
    const received = [await peer.publish(), ...(await peer.publishes())]
    assert.equal(Math.max(...received.map(({ qos }) => qos)), 2)
  })

  test(
    'v3.1.1 [MQTT-3.3.5-2] a PUBLISH that is not authorized is acknowledged as usual, or ends the connection',
    () => ({ access: { ...allowAll, authorize: (_identity, action) => action !== 'publish' } }),
    async ({ connect, name }) => {
      const watcher = await connect()
      await subscribe(watcher, name, 2)
      for (const [qos, answer] of [
        [1, '40020007'],
        [2, '50020007'],
      ] as const) {
        const peer = await connect()
        peer.send(publishPacket('v3.1.1', name, 'x', { qos, packetId: 7 }))
        const packet = await peer.next().catch(() => undefined)
        assert.ok(packet === undefined || packet.hex === answer, `${packet}`)
      }
      await watcher.silent()
    },
  )
})
