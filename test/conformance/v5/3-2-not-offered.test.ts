/** MQTT 5.0, section 3.2.2.3: what a server does not offer, and how CONNACK says so. */
import assert from 'node:assert/strict'
import { mqtt } from '../peer/bytes.ts'
import { propertyOf } from '../peer/received.ts'
import { publish, publishPacket } from '../peer/shorthand.ts'
import { conformance } from '../suite.ts'

const atMost = (qosMax: 0 | 1 | 2) => () => ({ protocol: { qosMax } })
const noRetain = () => ({ protocol: { retainAvailable: false } })

conformance('v5', '3.2.2.3 what a server does not offer', (test) => {
  test('v5 [MQTT-3.2.2-9] a server that takes QoS 1 at most says so', atMost(1), async ({ connect }) => {
    const { connack } = await connect()
    assert.equal(propertyOf(connack?.properties ?? [], 0x24), 1)
  })

  test('v5 [MQTT-3.2.2-9] a server that takes all says nothing', async ({ connect }) => {
    // 2 is no value of the property: a Maximum QoS of 2 is said by its absence.
    const { connack } = await connect()
    assert.notEqual(propertyOf(connack?.properties ?? [], 0x24), 2)
  })

  test('v5 [MQTT-3.2.2-10] subscriptions above the Maximum QoS are taken', atMost(0), async ({ connect, name }) => {
    const peer = await connect()
    peer.send(mqtt`82 __ 0001 {} ${name} 00 ${`${name}/1`} 01 ${`${name}/2`} 02`)
    const codes = [...(await peer.expect('SUBACK')).body.subarray(3)]
    assert.ok(
      codes.every((code) => code <= 2),
      `${codes}`,
    )
    await publish(await connect(), `${name}/2`, 'x')
    assert.equal((await peer.publish()).payload, 'x')
  })

  test(
    'v5 [MQTT-3.2.2-11] a PUBLISH above the Maximum QoS ends the connection',
    atMost(1),
    async ({ connect, name }) => {
      const peer = await connect()
      await publish(peer, name, 'fits', { qos: 1 })
      peer.send(publishPacket('v5', name, 'too high', { qos: 2 }))
      await peer.closes(0x9b)
    },
  )

  test(
    'v5 [MQTT-3.2.2-12] a will above the Maximum QoS has the connection refused',
    atMost(0),
    async ({ refuses, name }) => {
      const ending = await refuses(mqtt`10 __ "MQTT" 05 0e 0000 {} ${name} {} ${name} "gone"`, 0x9b)
      assert.equal(ending.code, 0x9b)
    },
  )

  test(
    'v5 [MQTT-3.2.2-13] a retained will has the connection refused where there is no retain',
    noRetain,
    async (stage) => {
      assert.equal(propertyOf((await stage.connect()).connack?.properties ?? [], 0x25), 0)
      const ending = await stage.refuses(mqtt`10 __ "MQTT" 05 26 0000 {} ${stage.name} {} "a" "gone"`, 0x9a)
      assert.equal(ending.code, 0x9a)
    },
  )

  test(
    'v5 [MQTT-3.2.2-14] a retained PUBLISH ends the connection where there is no retain',
    noRetain,
    async (stage) => {
      const peer = await stage.connect()
      peer.send(publishPacket('v5', stage.name, 'kept', { retain: true }))
      await peer.closes(0x9a)
    },
  )
})
