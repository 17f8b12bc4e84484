/** MQTT 5.0, section 4.9: flow control. */
import assert from 'node:assert/strict'
import { mqtt, u16 } from '../peer/bytes.ts'
import type { Peer } from '../peer/peer.ts'
import { publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import { durable, numbers, payloads, receive } from '../scenarios/support.ts'
import { conformance, type Stage } from '../suite.ts'

const receiveMaximum = (value: number): Buffer => mqtt`21 ${u16(value)}`

/** A subscriber that takes two at a time, and has them: five were published at this QoS. */
async function full({ name, connect }: Stage, qos: 1 | 2): Promise<[Peer, Peer, number[]]> {
  const [subscriber, publisher] = [await connect({ properties: receiveMaximum(2) }), await connect()]
  await subscribe(subscriber, `${name}/#`, qos)
  for (const payload of numbers(5)) await publish(publisher, `${name}/a`, payload, { qos })
  const first = await receive(subscriber, 2)
  assert.deepEqual(payloads(first), ['0', '1'])
  await subscriber.silent()
  return [subscriber, publisher, first.map(({ packetId }) => packetId)]
}

conformance('v5', '4.9 flow control', (test) => {
  test('v5 [MQTT-4.9.0-1] v5 [MQTT-4.9.0-2] QoS 1: never more in flight than Receive Maximum', async (stage) => {
    const [subscriber, , packetIds] = await full(stage, 1)
    const [first = 0, second = 0] = packetIds
    subscriber.send(mqtt`40 02 ${u16(first)}`)
    const third = await subscriber.publish()
    await subscriber.silent()
    subscriber.send(mqtt`40 02 ${u16(second)}`, mqtt`40 03 ${u16(third.packetId)} 80`)
    assert.deepEqual(payloads([third, ...(await receive(subscriber, 2))]), ['2', '3', '4'])
  })

  test('v5 [MQTT-4.9.0-1] v5 [MQTT-4.9.0-2] QoS 2: PUBREC gives no room, PUBCOMP or a refusal does', async (stage) => {
    const [subscriber, , packetIds] = await full(stage, 2)
    const [first = 0, second = 0] = packetIds
    subscriber.send(mqtt`50 02 ${u16(first)}`)
    await subscriber.acknowledgement('PUBREL')
    await subscriber.silent()
    subscriber.send(mqtt`70 02 ${u16(first)}`)
    assert.equal((await subscriber.publish()).payload, '2')
    await subscriber.silent()
    subscriber.send(mqtt`50 03 ${u16(second)} 80`)
    assert.equal((await subscriber.publish()).payload, '3')
  })

  test('v5 [MQTT-4.9.0-2] a resumed session has no more in flight than the new Receive Maximum', async (stage) => {
    const { name, connect } = stage
    const [subscriber, publisher] = [await durable(stage), await connect()]
    await subscribe(subscriber, name, 1)
    for (const payload of numbers(3)) await publish(publisher, name, payload, { qos: 1 })
    await receive(subscriber, 3)
    await subscriber.vanish()
    for (const payload of ['3', '4']) await publish(publisher, name, payload, { qos: 1 })
    const again = await durable(stage, { properties: receiveMaximum(1) })
    for (const payload of numbers(5)) {
      const came = await again.publish()
      assert.equal(came.payload, payload)
      await again.silent()
      again.send(mqtt`40 02 ${u16(came.packetId)}`)
    }
  })

  test('v5 [MQTT-4.9.0-3] with no send quota left everything else goes on', async (stage) => {
    const { name } = stage
    const [subscriber, publisher, packetIds] = await full(stage, 2)
    await publish(publisher, `${name}/zero`, 'QoS 0')
    assert.deepEqual(payloads(await subscriber.publishes()), ['QoS 0'])
    await subscribe(subscriber, `${name}/other`, 2)
    await publish(subscriber, `other/${name}`, 'up', { qos: 2, packetId: 9 })
    for (const packetId of packetIds) {
      subscriber.send(mqtt`50 02 ${u16(packetId)}`)
      assert.equal((await subscriber.acknowledgement('PUBREL')).packetId, packetId)
    }
    await subscriber.silent()
  })

  test('v5 [MQTT-4.9.0-3] as receiver the server answers requests between publishes that it has not released', async (stage) => {
    const { name, version, connect } = stage
    const peer = await connect()
    for (const packetId of [1, 2, 3]) {
      peer.send(publishPacket(version, name, 'x', { qos: 2, packetId }))
      await peer.acknowledgement('PUBREC')
    }
    await subscribe(peer, `${name}/other`)
    await peer.silent()
    peer.send(mqtt`62 02 0002`)
    assert.equal((await peer.acknowledgement('PUBCOMP')).packetId, 2)
  })
})
