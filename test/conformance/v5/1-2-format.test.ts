/** MQTT 5.0, chapters 1 and 2: text, integers, fixed header, packet identifiers, properties. */
import assert from 'node:assert/strict'
import { mqtt, raw, u8 } from '../peer/bytes.ts'
import { publish, publishPacket, subscribe, unsubscribe } from '../peer/shorthand.ts'
import { subscriptionAnswerOf } from '../peer/views.ts'
import { conformance } from '../suite.ts'

/** Bytes that are no UTF-8: stray, cut short, overlong, a surrogate, beyond U+10FFFF. */
const illFormed = [mqtt`0001 80`, mqtt`0002 c3 28`, mqtt`0002 c080`, mqtt`0003 eda080`, mqtt`0004 f4908080`]

conformance('v5', '1.5 data representation', (test) => {
  test('v5 [MQTT-1.5.4-1] ill-formed UTF-8 ends the connection, wherever it stands', async ({ refuses, breaks }) => {
    for (const text of illFormed) {
      await refuses(mqtt`10 __ "MQTT" 05 02 0000 {} ${text}`, 0x81, 0x85)
      await breaks(mqtt`30 __ ${text} {}`, 0x81)
      await breaks(mqtt`30 __ "a" {03 ${text}}`, 0x81)
      await breaks(mqtt`82 __ 0001 {} ${text} 00`, 0x81)
      await breaks(mqtt`a2 __ 0001 {} ${text}`, 0x81)
    }
  })

  test('v5 [MQTT-1.5.4-2] U+0000 in text ends the connection', async ({ refuses, breaks }) => {
    const zero = '\u0000'
    await refuses(mqtt`10 __ "MQTT" 05 02 0000 {} ${`a${zero}`}`, 0x81, 0x85)
    await breaks(mqtt`30 __ ${`a${zero}b`} {}`, 0x81, 0x90)
    await breaks(mqtt`82 __ 0001 {} ${`a${zero}`} 00`, 0x81)
    await breaks(mqtt`30 __ "a" {26 "name" ${zero}}`, 0x81)
  })

  test('v5 [MQTT-1.5.4-3] a byte order mark is a character, and is kept', async ({ connect, name }) => {
    const peer = await connect()
    const marked = `\u{feff}${name}`
    await subscribe(peer, marked)
    await subscribe(peer, name)
    peer.send(publishPacket('v5', marked, 'x', { properties: mqtt`03 ${'\u{feff}type'}` }))
    const { bytes } = await peer.expect('PUBLISH')
    assert.deepEqual(bytes, mqtt`30 __ ${marked} {03 ${'\u{feff}type'}} ${raw('x')}`)
    await peer.silent()
  })

  test('v5 [MQTT-1.5.5-1] a variable byte integer of more bytes than needed is malformed', async ({
    connect,
    breaks,
  }) => {
    await breaks(mqtt`c0 8000`, 0x81)
    await breaks(mqtt`30 8500 "a" {} 62`, 0x81)
    await breaks(mqtt`30 __ "a" 8000 62`, 0x81)
    await breaks(mqtt`82 __ 0001 {0b 8100} "a" 00`, 0x81)
    const peer = await connect()
    peer.send(mqtt`82 __ 0001 {} "a" 00`)
    assert.equal((await peer.expect('SUBACK')).hex, '9004000100' + '00')
  })

  test('v5 [MQTT-1.5.7-1] ill-formed text in either half of a pair ends the connection', async ({
    breaks,
    refuses,
  }) => {
    for (const text of illFormed) {
      await breaks(mqtt`30 __ "a" {26 ${text} "value"}`, 0x81)
      await breaks(mqtt`30 __ "a" {26 "name" ${text}}`, 0x81)
      await refuses(mqtt`10 __ "MQTT" 05 02 0000 {26 "name" ${text}} "x"`, 0x81)
    }
  })
})

conformance('v5', '2.1 fixed header', (test) => {
  test('v5 [MQTT-2.1.3-1] reserved flags with another value are malformed', async ({ refuses, breaks }) => {
    await refuses(mqtt`11 __ "MQTT" 05 02 0000 {} "x"`, 0x81)
    const afterConnect = {
      PUBACK: [0x41, mqtt`0001`],
      PUBREC: [0x52, mqtt`0001`],
      PUBREL: [0x60, mqtt`0001`],
      PUBCOMP: [0x74, mqtt`0001`],
      SUBSCRIBE: [0x80, mqtt`0001 {} "a" 00`],
      UNSUBSCRIBE: [0xa3, mqtt`0001 {} "a"`],
      PINGREQ: [0xc8, Buffer.alloc(0)],
      DISCONNECT: [0xe1, Buffer.alloc(0)],
      AUTH: [0xf2, mqtt`18 {}`],
    } as const
    for (const [first, body] of Object.values(afterConnect)) await breaks(mqtt`${u8(first)} __ ${body}`, 0x81)
  })
})

conformance('v5', '2.2 packet identifiers and properties', (test) => {
  test('v5 [MQTT-2.2.1-2] a QoS 0 PUBLISH has no packet identifier', async ({ connect, name }) => {
    const peer = await connect()
    await subscribe(peer, name, 2)
    peer.send(publishPacket('v5', name, 'payload'))
    assert.deepEqual((await peer.expect('PUBLISH')).bytes, mqtt`30 __ ${name} {} ${raw('payload')}`)
  })

  test('v5 [MQTT-2.2.1-3] a packet identifier of 0 is a protocol error', async ({ breaks }) => {
    await breaks(mqtt`82 __ 0000 {} "a" 00`, 0x81, 0x82)
    await breaks(mqtt`a2 __ 0000 {} "a"`, 0x81, 0x82)
    await breaks(mqtt`32 __ "a" 0000 {}`, 0x81, 0x82)
    await breaks(mqtt`34 __ "a" 0000 {}`, 0x81, 0x82)
  })

  test('v5 [MQTT-2.2.1-4] what is in flight has packet identifiers of its own, none of them 0', async ({
    connect,
    name,
  }) => {
    const peer = await connect()
    await subscribe(peer, name, 2)
    const publisher = await connect()
    for (let n = 1; n <= 20; n++) await publish(publisher, name, `${n}`, { qos: n % 2 === 0 ? 1 : 2, packetId: n })
    const packetIds = new Set<number>()
    for (let n = 1; n <= 20; n++) packetIds.add((await peer.publish()).packetId)
    assert.equal(packetIds.size, 20)
    assert.ok(!packetIds.has(0))
  })

  test('v5 [MQTT-2.2.1-5] PUBACK, PUBREC, PUBREL and PUBCOMP bear the identifier of the PUBLISH', async ({
    connect,
    name,
  }) => {
    const peer = await connect()
    for (const packetId of [1, 255, 256, 65_535]) {
      peer.send(
        publishPacket('v5', name, '', { qos: 1, packetId }),
        publishPacket('v5', name, '', { qos: 2, packetId: 7 }),
      )
      assert.equal((await peer.acknowledgement('PUBACK')).packetId, packetId)
      assert.equal((await peer.acknowledgement('PUBREC')).packetId, 7)
      peer.send(mqtt`62 02 0007`)
      assert.equal((await peer.acknowledgement('PUBCOMP')).packetId, 7)
    }
    const publisher = await connect()
    const subscriber = await connect()
    await subscribe(subscriber, name, 2)
    await publish(publisher, name, 'x', { qos: 2, packetId: 65_535 })
    const { packetId } = await subscriber.publish()
    subscriber.send(Buffer.concat([mqtt`50 02`, Buffer.of(packetId >> 8, packetId & 0xff)]))
    assert.equal((await subscriber.acknowledgement('PUBREL')).packetId, packetId)
  })

  test('v5 [MQTT-2.2.1-6] SUBACK and UNSUBACK bear the identifier of the request', async ({ connect, name }) => {
    const peer = await connect()
    for (const packetId of [mqtt`0001`, mqtt`0100`, mqtt`ffff`]) {
      peer.send(mqtt`82 __ ${packetId} {} ${name} 01`, mqtt`a2 __ ${packetId} {} ${name}`)
      const expected = packetId.readUInt16BE()
      assert.equal(subscriptionAnswerOf(await peer.expect('SUBACK')).packetId, expected)
      assert.equal(subscriptionAnswerOf(await peer.expect('UNSUBACK')).packetId, expected)
    }
  })

  test('v5 [MQTT-2.2.2-1] no properties are a property length of 0', async ({ connect, name, breaks }) => {
    const peer = await connect()
    await subscribe(peer, name)
    await unsubscribe(peer, name)
    await subscribe(peer, name)
    peer.send(publishPacket('v5', name, ''))
    assert.deepEqual((await peer.expect('PUBLISH')).bytes, mqtt`30 __ ${name} 00`)
    // Where the length is left out, what follows is taken for it: here a client says so of a PUBLISH without payload.
    await breaks(mqtt`30 __ "a"`, 0x81)
    await breaks(mqtt`82 __ 0001 "a" 00`, 0x81)
  })
})
