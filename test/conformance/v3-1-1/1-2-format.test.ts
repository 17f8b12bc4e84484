/** MQTT 3.1.1, chapters 1 and 2: text, fixed header, packet identifiers. */
import assert from 'node:assert/strict'
import { mqtt, raw, u8, u16 } from '../peer/bytes.ts'
import { publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import { subscriptionAnswerOf } from '../peer/views.ts'
import { conformance } from '../suite.ts'

/** Bytes that are no UTF-8: stray, cut short, overlong, a surrogate, beyond U+10FFFF. */
const illFormed = [mqtt`0001 80`, mqtt`0002 c3 28`, mqtt`0002 c080`, mqtt`0003 eda080`, mqtt`0004 f4908080`]

conformance('v3.1.1', '1.5 data representation', (test) => {
  test('v3.1.1 [MQTT-1.5.3-1] ill-formed UTF-8 ends the connection', async ({ refuses, breaks }) => {
    for (const text of illFormed) {
      await refuses(mqtt`10 __ "MQTT" 04 02 0000 ${text}`)
      await refuses(mqtt`10 __ "MQTT" 04 82 0000 "x" ${text}`)
      await breaks(mqtt`30 __ ${text}`)
      await breaks(mqtt`82 __ 0001 ${text} 00`)
      await breaks(mqtt`a2 __ 0001 ${text}`)
    }
  })

  test('v3.1.1 [MQTT-1.5.3-2] U+0000 in text ends the connection', async ({ refuses, breaks }) => {
    await refuses(mqtt`10 __ "MQTT" 04 02 0000 ${'a\u0000'}`)
    await breaks(mqtt`30 __ ${'a\u0000b'}`)
    await breaks(mqtt`82 __ 0001 ${'\u0000'} 00`)
  })

  test('v3.1.1 [MQTT-1.5.3-3] a byte order mark is a character, and is kept', async ({ connect, name }) => {
    const peer = await connect()
    const marked = `\u{feff}${name}`
    await subscribe(peer, marked)
    await subscribe(peer, name)
    peer.send(publishPacket('v3.1.1', marked, 'x'))
    assert.deepEqual((await peer.expect('PUBLISH')).bytes, mqtt`30 __ ${marked} ${raw('x')}`)
    await peer.silent()
  })
})

conformance('v3.1.1', '2 packet format', (test) => {
  test('v3.1.1 [MQTT-2.2.2-1] v3.1.1 [MQTT-2.2.2-2] reserved flags with another value end the connection', async (stage) => {
    const { refuses, breaks, connect, name } = stage
    await refuses(mqtt`11 __ "MQTT" 04 02 0000 "x"`)
    const afterConnect = {
      PUBACK: [0x41, mqtt`0001`],
      PUBREC: [0x52, mqtt`0001`],
      PUBREL: [0x60, mqtt`0001`],
      PUBCOMP: [0x74, mqtt`0001`],
      SUBSCRIBE: [0x80, mqtt`0001 "a" 00`],
      UNSUBSCRIBE: [0xa3, mqtt`0001 "a"`],
      PINGREQ: [0xc8, raw('')],
      DISCONNECT: [0xe1, raw('')],
    } as const
    for (const [first, body] of Object.values(afterConnect)) await breaks(mqtt`${u8(first)} __ ${body}`)
    // Those of the server have the listed value too.
    const peer = await connect()
    peer.send(mqtt`82 __ 0001 ${name} 00`, mqtt`a2 __ 0002 ${name}`, mqtt`c0 00`)
    peer.send(publishPacket('v3.1.1', name, '', { qos: 1 }), publishPacket('v3.1.1', name, '', { qos: 2 }))
    for (let n = 0; n < 5; n++) assert.equal((await peer.next()).flags, 0)
  })

  test('v3.1.1 [MQTT-2.3.1-1] a packet identifier of 0 ends the connection', async ({ breaks }) => {
    await breaks(mqtt`82 __ 0000 "a" 00`)
    await breaks(mqtt`a2 __ 0000 "a"`)
    await breaks(mqtt`32 __ "a" 0000`)
    await breaks(mqtt`34 __ "a" 0000`)
  })

  test('v3.1.1 [MQTT-2.3.1-4] what is in flight has packet identifiers of its own, and keeps them', async (stage) => {
    const { connect, name } = stage
    const options = { clientId: name, clean: false }
    const peer = await connect(options)
    await subscribe(peer, name, 2)
    const publisher = await connect()
    for (let n = 1; n <= 20; n++) await publish(publisher, name, `${n}`, { qos: n % 2 === 0 ? 1 : 2, packetId: n })
    const packetIds = new Map<string, number>()
    for (let n = 1; n <= 20; n++) {
      const { payload, packetId } = await peer.publish()
      packetIds.set(payload, packetId)
    }
    assert.equal(new Set(packetIds.values()).size, 20)
    assert.ok(![...packetIds.values()].includes(0))
    await peer.vanish()
    const again = await connect(options)
    for (let n = 1; n <= 20; n++) {
      const { payload, packetId } = await again.publish()
      assert.equal(packetId, packetIds.get(payload))
    }
  })

  test('v3.1.1 [MQTT-2.3.1-5] a QoS 0 PUBLISH has no packet identifier', async ({ connect, name }) => {
    const peer = await connect()
    await subscribe(peer, name, 2)
    peer.send(publishPacket('v3.1.1', name, 'payload'))
    assert.deepEqual((await peer.expect('PUBLISH')).bytes, mqtt`30 __ ${name} ${raw('payload')}`)
  })

  test('v3.1.1 [MQTT-2.3.1-6] PUBACK, PUBREC and PUBREL bear the identifier of the PUBLISH', async ({
    connect,
    name,
  }) => {
    const peer = await connect()
    for (const packetId of [1, 255, 256, 65_535]) {
      peer.send(publishPacket('v3.1.1', name, '', { qos: 1, packetId }))
      assert.deepEqual((await peer.expect('PUBACK')).bytes, mqtt`40 02 ${u16(packetId)}`)
      peer.send(publishPacket('v3.1.1', name, '', { qos: 2, packetId }))
      assert.deepEqual((await peer.expect('PUBREC')).bytes, mqtt`50 02 ${u16(packetId)}`)
      peer.send(mqtt`62 02 ${u16(packetId)}`)
      assert.deepEqual((await peer.expect('PUBCOMP')).bytes, mqtt`70 02 ${u16(packetId)}`)
    }
    const subscriber = await connect()
    await subscribe(subscriber, name, 2)
    await publish(peer, name, 'x', { qos: 2, packetId: 65_535 })
    const { packetId } = await subscriber.publish()
    subscriber.send(mqtt`50 02 ${u16(packetId)}`)
    assert.deepEqual((await subscriber.expect('PUBREL')).bytes, mqtt`62 02 ${u16(packetId)}`)
  })

  test('v3.1.1 [MQTT-2.3.1-7] SUBACK and UNSUBACK bear the identifier of the request', async ({ connect, name }) => {
    const peer = await connect()
    for (const packetId of [1, 256, 65_535]) {
      peer.send(mqtt`82 __ ${u16(packetId)} ${name} 01`, mqtt`a2 __ ${u16(packetId)} ${name}`)
      assert.equal(subscriptionAnswerOf(await peer.expect('SUBACK')).packetId, packetId)
      assert.equal(subscriptionAnswerOf(await peer.expect('UNSUBACK')).packetId, packetId)
    }
  })
})
