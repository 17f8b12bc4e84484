/** MQTT 5.0, section 3.3.2: topic name and properties of a PUBLISH. */
import assert from 'node:assert/strict'
import { mqtt, raw, u16, u32 } from '../peer/bytes.ts'
import { propertiesOf, propertyOf } from '../peer/received.ts'
import { publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import { conformance, ownClock, type Stage } from '../suite.ts'

/** The properties' bytes must reach the subscriber as they came, at each QoS and as a retained message too. */
async function forwards({ connect, name }: Stage, properties: Buffer): Promise<void> {
  const peer = await connect()
  await subscribe(peer, `${name}/+`, 2)
  const publisher = await connect()
  for (const qos of [0, 1, 2] as const) {
    const topic = `${name}/${qos}`
    await publish(publisher, topic, 'x', { qos, retain: true, properties })
    const forwarded = await peer.expect('PUBLISH')
    const header = qos === 0 ? mqtt`${topic}` : mqtt`${topic} ${u16(qos)}`
    assert.deepEqual(forwarded.body, mqtt`${header} {${properties}} ${raw('x')}`)
    if (qos === 2) peer.send(mqtt`50 02 ${u16(qos)}`)
    const later = await connect()
    await subscribe(later, topic)
    assert.deepEqual((await later.expect('PUBLISH')).bytes, mqtt`31 __ ${topic} {${properties}} ${raw('x')}`)
  }
}

conformance('v5', '3.3.2 topic name of PUBLISH', (test) => {
  test('v5 [MQTT-3.3.2-1] the topic name is first, and text', async ({ connect, breaks, name }) => {
    const peer = await connect()
    const topic = `${name}/über/地/🌡`
    await subscribe(peer, topic, 1)
    await publish(await connect(), topic, 'x')
    assert.deepEqual((await peer.expect('PUBLISH')).bytes, mqtt`30 __ ${topic} {} ${raw('x')}`)
    await breaks(mqtt`30 __ 0003 61 ff 62 {}`, 0x81, 0x90)
    await breaks(mqtt`30 00`, 0x81)
    await breaks(mqtt`30 03 0004 61`, 0x81)
  })

  test('v5 [MQTT-3.3.2-2] a topic name with a wildcard ends the connection', async ({ breaks, name }) => {
    for (const topic of ['#', '+', `${name}/#`, `${name}/+/x`, `${name}+`, `${name}#`]) {
      await breaks(publishPacket('v5', topic, 'x'), 0x81, 0x82, 0x90)
    }
  })

  test('v5 [MQTT-3.3.2-3] a topic name that is sent matches the filter of the subscription', async ({
    connect,
    name,
  }) => {
    const peer = await connect()
    await subscribe(peer, `${name}/+/c`)
    const publisher = await connect()
    for (const topic of ['a', 'a/c', 'a/b/c', '/c', 'a/c/', 'b/c', 'a/C'])
      await publish(publisher, `${name}/${topic}`, 'x')
    const topics = (await peer.publishes()).map(({ topic }) => topic.slice(name.length))
    assert.deepEqual(topics, ['/a/c', '//c', '/b/c'])
  })
})

conformance('v5', '3.3.2.3 properties of PUBLISH', (test) => {
  test('v5 [MQTT-3.3.2-4] the payload format indicator is forwarded as it was', async (stage) => {
    await forwards(stage, mqtt`01 01`)
    await forwards({ ...stage, name: `${stage.name}zero` }, mqtt`01 00`)
  })

  test(
    'v5 [MQTT-3.3.2-5] v5 [MQTT-3.3.2-6] a message that waits loses that time of its expiry, and is gone when it is over',
    ownClock(),
    async ({ connect, name, passSeconds }) => {
      const options = { clientId: name, clean: false, sessionExpirySeconds: 3_600 }
      const first = await connect(options)
      await subscribe(first, name, 2)
      await first.leave()
      const publisher = await connect()
      await publish(publisher, name, 'short', { qos: 1, properties: mqtt`02 ${u32(10)}` })
      await publish(publisher, name, 'long', { qos: 2, properties: mqtt`02 ${u32(100)}` })
      await publish(publisher, name, 'for ever', { qos: 1 })
      await passSeconds(20)
      const second = await connect(options)
      const received = [await second.publish(), await second.publish()]
      const expiries = new Map(received.map(({ payload, properties }) => [payload, propertyOf(properties, 0x02)]))
      assert.deepEqual([...expiries.keys()].sort(), ['for ever', 'long'])
      const left = expiries.get('long')
      assert.ok(typeof left === 'number' && left >= 79 && left <= 81, `${left} s of 100 s are left after 20 s`)
      assert.equal(expiries.get('for ever'), undefined)
      await second.silent()
    },
  )

  test(
    'v5 [MQTT-3.3.2-5] v5 [MQTT-3.3.2-6] so does a retained message',
    ownClock(),
    async ({ connect, name, passSeconds }) => {
      const publisher = await connect()
      await publish(publisher, name, 'kept', { qos: 1, retain: true, properties: mqtt`02 ${u32(30)}` })
      await passSeconds(10)
      const first = await connect()
      await subscribe(first, name)
      const left = propertyOf((await first.publish()).properties, 0x02)
      assert.ok(typeof left === 'number' && left >= 19 && left <= 21, `${left} s of 30 s are left after 10 s`)
      await passSeconds(25)
      const second = await connect()
      await subscribe(second, name)
      await second.silent()
    },
  )

  test('v5 [MQTT-3.3.2-6] a message that did not wait has its whole expiry', async ({ connect, name }) => {
    const peer = await connect()
    await subscribe(peer, name, 1)
    for (const qos of [0, 1] as const) {
      await publish(await connect(), name, 'x', { qos, properties: mqtt`02 ${u32(1_000)}` })
      const left = propertyOf((await peer.publish()).properties, 0x02)
      assert.ok(typeof left === 'number' && left > 900 && left <= 1_000, `${left}`)
    }
  })

  test('v5 [MQTT-3.3.2-7] a topic alias holds for its connection, and for no other', async ({
    connect,
    breaks,
    name,
  }) => {
    const watcher = await connect()
    await subscribe(watcher, `${name}/#`)
    const peer = await connect()
    const alias = mqtt`23 0001`
    await publish(peer, `${name}/a`, '1', { properties: alias })
    await publish(peer, '', '2', { properties: alias })
    await publish(peer, `${name}/b`, '3', { properties: alias })
    await publish(peer, '', '4', { properties: alias })
    const got = (await watcher.publishes()).map(({ topic, payload }) => `${topic.slice(name.length)} ${payload}`)
    assert.deepEqual(got, ['/a 1', '/a 2', '/b 3', '/b 4'])
    // Another connection does not know it, nor does a later one of the same session.
    await breaks(publishPacket('v5', '', 'x', { properties: alias }), 0x82)
    const options = { clientId: name, clean: false, sessionExpirySeconds: 600 }
    const first = await connect(options)
    await publish(first, `${name}/a`, 'x', { properties: alias })
    await first.leave()
    const second = await connect(options)
    second.send(publishPacket('v5', '', 'x', { properties: alias }))
    await second.closes(0x82)
  })

  test('v5 [MQTT-3.3.2-8] a topic alias of 0 ends the connection', async ({ breaks, name }) => {
    await breaks(publishPacket('v5', name, 'x', { properties: mqtt`23 0000` }), 0x94, 0x82, 0x81)
  })

  test('v5 [MQTT-3.3.2-9] a topic alias above the maximum of the server ends the connection', async ({
    breaks,
    name,
  }) => {
    await breaks(publishPacket('v5', name, 'x', { properties: mqtt`23 ffff` }), 0x94)
  })

  test('v5 [MQTT-3.3.2-11] the server sends no topic alias above the maximum of the client', async ({
    connect,
    name,
  }) => {
    const peer = await connect({ properties: mqtt`22 0001` })
    await subscribe(peer, `${name}/+`)
    const publisher = await connect()
    for (const topic of ['a', 'b', 'a', 'b']) await publish(publisher, `${name}/${topic}`, 'x')
    for (const { properties } of await peer.publishes()) {
      assert.ok([undefined, 1].includes(propertyOf(properties, 0x23) as number | undefined))
    }
  })

  test('v5 [MQTT-3.3.2-12] the server takes every topic alias up to its maximum', async ({ connect, name }) => {
    const peer = await connect()
    const maximum = propertyOf(peer.connack?.properties ?? [], 0x22) ?? 0
    assert.ok(typeof maximum === 'number' && maximum > 0, 'the server takes aliases')
    const watcher = await connect()
    await subscribe(watcher, `${name}/+`)
    const aliases = Array.from({ length: Math.min(maximum, 200) }, (_, index) => index + 1)
    if (!aliases.includes(maximum)) aliases.push(maximum)
    const property = (alias: number): Buffer => mqtt`23 ${u16(alias)}`
    for (const alias of aliases) peer.send(publishPacket('v5', `${name}/${alias}`, '', { properties: property(alias) }))
    for (const alias of aliases) peer.send(publishPacket('v5', '', '', { properties: property(alias) }))
    await peer.silent()
    const topics = (await watcher.publishes()).map(({ topic }) => topic)
    const expected = aliases.map((alias) => `${name}/${alias}`)
    assert.deepEqual(topics, [...expected, ...expected])
  })

  test('v5 [MQTT-3.3.2-13] a response topic that is no UTF-8 ends the connection', async ({ breaks, name }) => {
    await breaks(publishPacket('v5', name, 'x', { properties: mqtt`08 0002 61ff` }), 0x81, 0x90)
  })

  test('v5 [MQTT-3.3.2-14] a response topic with a wildcard ends the connection', async ({ breaks, name }) => {
    for (const topic of ['#', `${name}/+`, 'a/#']) {
      await breaks(publishPacket('v5', name, 'x', { properties: mqtt`08 ${topic}` }), 0x81, 0x82, 0x90)
    }
  })

  test('v5 [MQTT-3.3.2-15] the response topic is forwarded as it was', async (stage) => {
    await forwards(stage, mqtt`08 "answer/here"`)
  })

  test('v5 [MQTT-3.3.2-16] the correlation data are forwarded as they were', async (stage) => {
    await forwards(stage, mqtt`09 0004 00ff8001`)
  })

  test('v5 [MQTT-3.3.2-17] all user properties are forwarded as they were', async (stage) => {
    await forwards(stage, mqtt`26 "name" "value" 26 "" "" 26 "ü" "地"`)
  })

  test('v5 [MQTT-3.3.2-18] user properties keep their order, and may stand twice', async ({ connect, name }) => {
    const peer = await connect()
    await subscribe(peer, name)
    const properties = mqtt`26 "b" "1" 03 "type" 26 "a" "2" 26 "b" "1" 26 "c" "0"`
    await publish(await connect(), name, 'x', { properties })
    const received = await peer.publish()
    const pairs = [
      ['b', '1'],
      ['a', '2'],
      ['b', '1'],
      ['c', '0'],
    ]
    assert.deepEqual(propertiesOf(received.properties, 0x26), pairs)
  })

  test('v5 [MQTT-3.3.2-19] a content type that is no UTF-8 ends the connection', async ({ breaks, name }) => {
    await breaks(publishPacket('v5', name, 'x', { properties: mqtt`03 0002 c328` }), 0x81)
  })

  test('v5 [MQTT-3.3.2-20] the content type is forwarded as it was', async (stage) => {
    await forwards(stage, mqtt`03 "application/json; charset=utf-8"`)
  })
})
