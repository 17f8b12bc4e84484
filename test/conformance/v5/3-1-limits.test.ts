/** MQTT 5.0, section 3.1.2.11: what a CONNECT allows the server to send. */
import assert from 'node:assert/strict'
import { allowAll } from '@hawser/broker'
import { mqtt, u16, u32 } from '../peer/bytes.ts'
import { type PropertyValue, propertyOf } from '../peer/received.ts'
import { publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import { subscriptionAnswerOf } from '../peer/views.ts'
import { conformance } from '../suite.ts'

const maximumPacketSize = (bytes: number): Buffer => mqtt`27 ${u32(bytes)}`
const topicAliasMaximum = (aliases: number): Buffer => mqtt`22 ${u16(aliases)}`
const topicAlias = 0x23

conformance('v5', '3.1.2.11 limits of the client', (test) => {
  test('v5 [MQTT-3.1.2-24] no packet is larger than the client takes', async ({ connect, name }) => {
    const packetBytes = 40
    const peer = await connect({ properties: maximumPacketSize(packetBytes) })
    await subscribe(peer, name, 2)
    const header = mqtt`32 __ ${name} 0001 {}`.length
    const fits = 'x'.repeat(packetBytes - header)
    await publish(await connect(), name, fits, { qos: 1 })
    await publish(await connect(), name, `${fits}y`, { qos: 1 })
    await publish(await connect(), name, `${fits}y`, { qos: 2 })
    const packet = await peer.expect('PUBLISH')
    assert.equal(packet.bytes.length, packetBytes)
    await peer.silent()
    // Nor is the answer to an error, however much there is to say.
    peer.send(mqtt`10 __ "MQTT" 05 02 0000 {} "x"`)
    for (const { bytes } of await peer.untilClosed()) assert.ok(bytes.length <= packetBytes)
  })

  test('v5 [MQTT-3.1.2-24] no answer to CONNECT is larger than the client takes', async ({ open, name }) => {
    for (const packetBytes of [1, 4, 5, 8, 16, 24]) {
      const limit = maximumPacketSize(packetBytes)
      const refused = await open()
      refused.send(mqtt`10 __ "MQTT" 05 02 0000 {15 "none-such" ${limit}} ""`)
      for (const { bytes } of await refused.untilClosed()) assert.ok(bytes.length <= packetBytes)
      // Accepted or not: an assigned identifier makes CONNACK too long for all of these.
      const assigned = await open()
      assigned.send(mqtt`10 __ "MQTT" 05 02 0000 {${limit}} ""`)
      assert.deepEqual(await assigned.untilClosed(), [], name)
    }
  })

  test('v5 [MQTT-3.1.2-25] a message that is too large counts as delivered', async ({ connect, name }) => {
    const peer = await connect({ properties: mqtt`${maximumPacketSize(60)} 21 0001` })
    await subscribe(peer, name, 2)
    const publisher = await connect()
    for (const qos of [0, 1, 2] as const) await publish(publisher, name, 'x'.repeat(100), { qos })
    await publish(publisher, name, 'small', { qos: 1 })
    assert.equal((await peer.publish()).payload, 'small')
    await peer.silent()
  })

  test('v5 [MQTT-3.1.2-26] topic aliases stay within the maximum of the client', async ({ connect, name }) => {
    const peer = await connect({ properties: topicAliasMaximum(2) })
    await subscribe(peer, `${name}/+`)
    const publisher = await connect()
    const aliases: (PropertyValue | undefined)[] = []
    const topics = new Map<PropertyValue, string>()
    for (const topic of ['a', 'b', 'c', 'a', 'b', 'c']) {
      await publish(publisher, `${name}/${topic}`, topic)
      const received = await peer.publish()
      const alias = propertyOf(received.properties, topicAlias)
      aliases.push(alias)
      if (alias !== undefined && received.topic !== '') topics.set(alias, received.topic)
      const known = received.topic === '' && alias !== undefined ? topics.get(alias) : received.topic
      assert.equal(known, `${name}/${topic}`)
    }
    for (const alias of aliases) assert.ok(alias === undefined || alias === 1 || alias === 2, `${alias}`)
  })

  test('v5 [MQTT-3.1.2-27] a client that names no maximum gets no topic alias', async ({ connect, name }) => {
    for (const properties of [mqtt``, topicAliasMaximum(0)]) {
      const peer = await connect({ properties })
      await subscribe(peer, name)
      const publisher = await connect()
      for (let n = 0; n < 3; n++) {
        await publish(publisher, name, 'x')
        const { topic, properties } = await peer.publish()
        assert.equal(topic, name)
        assert.equal(propertyOf(properties, topicAlias), undefined)
      }
      await peer.leave()
    }
  })

  test('v5 [MQTT-3.1.2-28] response information does not come unasked', async ({ connect }) => {
    for (const properties of [mqtt``, mqtt`19 00`]) {
      const { connack } = await connect({ properties })
      assert.equal(propertyOf(connack?.properties ?? [], 0x1a), undefined)
    }
  })

  test(
    'v5 [MQTT-3.1.2-29] without problem information only CONNACK, PUBLISH and DISCONNECT explain',
    () => ({ access: { ...allowAll, authorize: () => false } }),
    async ({ connect, name }) => {
      const peer = await connect({ properties: mqtt`17 00` })
      peer.send(mqtt`82 __ 0001 {} ${name} 00`, mqtt`a2 __ 0002 {} ${name}`)
      assert.deepEqual(subscriptionAnswerOf(await peer.expect('SUBACK')).properties, [])
      assert.deepEqual(subscriptionAnswerOf(await peer.expect('UNSUBACK')).properties, [])
      peer.send(publishPacket('v5', name, 'x', { qos: 1 }), publishPacket('v5', name, 'x', { qos: 2, packetId: 2 }))
      assert.deepEqual((await peer.acknowledgement('PUBACK')).properties, [])
      assert.deepEqual((await peer.acknowledgement('PUBREC')).properties, [])
      peer.send(mqtt`62 02 1234`)
      assert.deepEqual((await peer.acknowledgement('PUBCOMP')).properties, [])
    },
  )
})
