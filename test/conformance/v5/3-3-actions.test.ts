/** MQTT 5.0, sections 3.3.4 and 3.4: what a PUBLISH does, and PUBACK. */
import assert from 'node:assert/strict'
import { mqtt, u16, variable } from '../peer/bytes.ts'
import { propertiesOf, propertyOf } from '../peer/received.ts'
import { publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import { conformance, type OwnBroker, type Stage } from '../suite.ts'

/** Reason codes that PUBACK may bear: section 3.4.2.1. */
const pubackCodes = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]

const receiveMaximum = (count: number): Buffer => mqtt`21 ${u16(count)}`

async function subscribeIdentified(stage: Stage, filters: readonly (readonly [string, number, number])[]) {
  const peer = await stage.connect()
  for (const [filter, options, identifier] of filters) {
    peer.send(mqtt`82 __ 0001 {0b ${variable(identifier)}} ${filter} ${Buffer.of(options)}`)
    await peer.expect('SUBACK')
  }
  return peer
}

conformance('v5', '3.3.4 actions of PUBLISH', (test) => {
  test('v5 [MQTT-3.3.4-1] a PUBLISH is answered as its QoS asks', async ({ connect, name }) => {
    const peer = await connect()
    peer.send(publishPacket('v5', name, 'x'))
    await peer.silent()
    peer.send(publishPacket('v5', name, 'x', { qos: 1, packetId: 17 }))
    assert.equal((await peer.acknowledgement('PUBACK')).packetId, 17)
    peer.send(publishPacket('v5', name, 'x', { qos: 2, packetId: 18 }))
    assert.equal((await peer.acknowledgement('PUBREC')).packetId, 18)
    await peer.silent()
  })

  test('v5 [MQTT-3.3.4-2] overlapping subscriptions get the message at the highest QoS of them', async (stage) => {
    const { connect, name } = stage
    const peer = await connect()
    await subscribe(peer, `${name}/#`, 0)
    await subscribe(peer, `${name}/a`, 2)
    await subscribe(peer, `${name}/+`, 1)
    await publish(await connect(), `${name}/a`, 'x', { qos: 2 })
    const received = [await peer.publish(), ...(await peer.publishes())]
    assert.equal(Math.max(...received.map(({ qos }) => qos)), 2)
  })

  test('v5 [MQTT-3.3.4-3] v5 [MQTT-3.3.4-4] a copy bears the identifiers of the subscriptions that it is for', async (stage) => {
    const { connect, name } = stage
    const peer = await subscribeIdentified(stage, [
      [`${name}/a`, 1, 1],
      [`${name}/+`, 1, 300],
      [`${name}/#`, 0, 268_435_455],
      [`${name}/b`, 1, 9],
    ])
    await publish(await connect(), `${name}/a`, 'x', { qos: 1 })
    const received = [await peer.publish(), ...(await peer.publishes())]
    const identifiers = received.flatMap(({ properties }) => propertiesOf(properties, 0x0b)).map(Number)
    assert.deepEqual(
      identifiers.sort((a, b) => a - b),
      [1, 300, 268_435_455],
    )
    assert.ok(received.length === 1 || received.length === 3, 'one copy for all, or one for each')
    await publish(await connect(), `${name}/b`, 'retained', { qos: 1, retain: true })
    const later = await subscribeIdentified(stage, [[`${name}/b`, 0, 77]])
    assert.equal(propertyOf((await later.publish()).properties, 0x0b), 77)
  })

  const ours = (): OwnBroker => ({})
  test('v5 [MQTT-3.3.4-4] Hawser sends a single copy, to overlapping subscriptions of any QoS', ours, async (stage) => {
    const { connect, name } = stage
    const peer = await connect()
    for (const [index, filter] of [`${name}/a`, `${name}/+`, `${name}/#`].entries())
      await subscribe(peer, filter, index)
    const publisher = await connect()
    for (const qos of [0, 1, 2] as const) {
      await publish(publisher, `${name}/a`, `${qos}`, { qos })
      assert.equal((await peer.publish()).payload, `${qos}`)
      await peer.silent()
    }
  })

  test('v5 [MQTT-3.3.4-6] a PUBLISH with a subscription identifier ends the connection', async ({ breaks, name }) => {
    await breaks(publishPacket('v5', name, 'x', { properties: mqtt`0b 01` }), 0x82, 0x81)
  })

  test(
    'v5 [MQTT-3.3.4-7] more QoS 2 in flight than the Receive Maximum of the server ends the connection',
    () => ({ limits: { receiveMaximum: 4 } }),
    async ({ connect, name }) => {
      const peer = await connect()
      assert.equal(propertyOf(peer.connack?.properties ?? [], 0x21), 4)
      const send = (packetId: number): void => peer.send(publishPacket('v5', name, 'x', { qos: 2, packetId }))
      for (let packetId = 1; packetId <= 4; packetId++) send(packetId)
      for (let packetId = 1; packetId <= 4; packetId++) await peer.acknowledgement('PUBREC')
      peer.send(mqtt`62 02 0001`)
      await peer.acknowledgement('PUBCOMP')
      send(5)
      await peer.acknowledgement('PUBREC')
      send(6)
      await peer.closes(0x93)
    },
  )

  test('v5 [MQTT-3.3.4-9] the server stays within the Receive Maximum of the client', async ({ connect, name }) => {
    const peer = await connect({ properties: receiveMaximum(3) })
    await subscribe(peer, name, 2)
    const publisher = await connect()
    for (let n = 1; n <= 6; n++) await publish(publisher, name, `${n}`, { qos: n % 2 === 0 ? 2 : 1, packetId: n })
    const received = [await peer.publish(), await peer.publish(), await peer.publish()]
    await peer.silent()
    const byPayload = (payload: string): Buffer => {
      const found = received.find((publish) => publish.payload === payload)
      assert.ok(found !== undefined, `${payload} has come`)
      return u16(found.packetId)
    }
    // QoS 1 is done with PUBACK, QoS 2 with PUBCOMP and not before. Order holds within one QoS only.
    const qos2 = received.find(({ qos }) => qos === 2)?.payload ?? '2'
    const qos1 = received.find(({ qos }) => qos === 1)?.payload ?? '1'
    peer.send(mqtt`50 02 ${byPayload(qos2)}`)
    await peer.acknowledgement('PUBREL')
    await peer.silent()
    peer.send(mqtt`40 02 ${byPayload(qos1)}`)
    received.push(await peer.publish())
    await peer.silent()
    peer.send(mqtt`70 02 ${byPayload(qos2)}`)
    received.push(await peer.publish())
    await peer.silent()
  })

  test('v5 [MQTT-3.3.4-10] a full window holds back nothing but PUBLISH at QoS 1 and 2', async ({ connect, name }) => {
    const peer = await connect({ properties: receiveMaximum(1) })
    await subscribe(peer, name, 1)
    const publisher = await connect()
    await publish(publisher, name, 'in flight', { qos: 1 })
    await publish(publisher, name, 'waits', { qos: 1 })
    assert.deepEqual(
      (await peer.publishes()).map(({ payload }) => payload),
      ['in flight'],
    )
    await subscribe(peer, `${name}/other`)
    await publish(publisher, `${name}/other`, 'QoS 0')
    assert.equal((await peer.publish()).payload, 'QoS 0')
    peer.send(publishPacket('v5', `${name}/none`, 'x', { qos: 1 }))
    await peer.acknowledgement('PUBACK')
    peer.send(publishPacket('v5', `${name}/none`, 'x', { qos: 2 }))
    await peer.acknowledgement('PUBREC')
    peer.send(mqtt`a2 __ 0003 {} ${name}`)
    await peer.expect('UNSUBACK')
  })
})

conformance('v5', '3.4 PUBACK', (test) => {
  test('v5 [MQTT-3.4.2-1] PUBACK bears a reason code of its table', async ({ connect, breaks, name }) => {
    const peer = await connect()
    await subscribe(peer, `${name}/heard`, 1)
    for (const topic of [name, `${name}/heard`]) {
      peer.send(publishPacket('v5', topic, 'x', { qos: 1 }))
      for (;;) {
        const packet = await peer.next()
        if (packet.name === 'PUBLISH') continue
        assert.equal(packet.name, 'PUBACK')
        const code = packet.body[2] ?? 0
        assert.ok(pubackCodes.includes(code), `0x${code.toString(16)}`)
        break
      }
    }
    // From a client too: a code that PUBACK does not have.
    await breaks(mqtt`40 03 0001 92`, 0x81, 0x82)
  })

  test('v5 [MQTT-3.4.2-2] v5 [MQTT-3.4.2-3] PUBACK explains nothing that would make it too large', async (stage) => {
    const peer = await stage.connect({ properties: mqtt`27 ${Buffer.of(0, 0, 0, 40)}` })
    peer.send(publishPacket('v5', stage.name, 'x', { qos: 1 }), publishPacket('v5', '$SYS/x', 'x', { qos: 1 }))
    for (const { bytes } of await peer.untilPong().catch(() => [])) assert.ok(bytes.length <= 40)
  })
})
