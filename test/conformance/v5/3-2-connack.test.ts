/** MQTT 5.0, section 3.2: CONNACK. */
import assert from 'node:assert/strict'
import { allowAll, refused } from '@hawser/broker'
import { mqtt, u8, u16, u32 } from '../peer/bytes.ts'
import { propertyOf } from '../peer/received.ts'
import { publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import { type Connack, connackOf } from '../peer/views.ts'
import { conformance, type Stage } from '../suite.ts'

/** Reason codes that CONNACK may bear: table 3-1. */
const reasonCodes = [
  0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b,
  0x9c, 0x9d, 0x9f,
]

const unknownMethod = mqtt`15 "none-such"`

async function connackFor({ open }: Stage, clientId: string, flags: number, properties: Buffer): Promise<Connack> {
  const peer = await open()
  peer.send(mqtt`10 __ "MQTT" 05 ${u8(flags)} 0000 {${properties}} ${clientId}`)
  return connackOf(await peer.expect('CONNACK'))
}

conformance('v5', '3.2 CONNACK', (test) => {
  test('v5 [MQTT-3.2.0-1] CONNACK comes before what the session has waiting', async ({ connect, open, name }) => {
    const first = await connect({ clientId: name, sessionExpirySeconds: 600 })
    await subscribe(first, name, 2)
    await first.leave()
    const publisher = await connect()
    for (let n = 0; n < 10; n++) await publish(publisher, name, `${n}`, { qos: 1 })
    const peer = await open()
    peer.send(mqtt`10 __ "MQTT" 05 00 0000 {11 00000000} ${name}`, mqtt`c0 00`)
    assert.equal(connackOf(await peer.expect('CONNACK')).code, 0)
    assert.ok(['PUBLISH', 'PINGRESP'].includes((await peer.next()).name))
  })

  test('v5 [MQTT-3.2.0-2] there is one CONNACK on a connection', async ({ connect, name }) => {
    const peer = await connect({ clientId: name })
    await subscribe(peer, name)
    await peer.silent()
    peer.send(mqtt`10 __ "MQTT" 05 02 0000 {} ${name}`)
    assert.ok((await peer.untilClosed()).every((packet) => packet.name !== 'CONNACK'))
  })

  test('v5 [MQTT-3.2.2-1] bits 7 to 1 of the acknowledge flags are 0', async (stage) => {
    const flags = async (cleanStart: boolean): Promise<number> =>
      (await connackFor(stage, stage.name, cleanStart ? 2 : 0, mqtt`11 00000258`)).acknowledgeFlags
    assert.deepEqual([await flags(true), await flags(false), await flags(true)], [0, 1, 0])
  })

  test('v5 [MQTT-3.2.2-2] an accepted Clean Start has Session Present 0', async (stage) => {
    for (const properties of [mqtt`11 00000258`, mqtt`11 00000258`]) {
      const { sessionPresent, code } = await connackFor(stage, stage.name, 2, properties)
      assert.deepEqual([sessionPresent, code], [false, 0])
    }
  })

  test('v5 [MQTT-3.2.2-3] without Clean Start, Session Present says whether there was a session', async (stage) => {
    const present: boolean[] = []
    for (const expirySeconds of [600, 600, 0]) {
      const { sessionPresent } = await connackFor(stage, stage.name, 0, mqtt`11 ${u32(expirySeconds)}`)
      present.push(sessionPresent)
    }
    assert.deepEqual(present, [false, true, true])
  })

  test('v5 [MQTT-3.2.2-6] a refusal has Session Present 0, session or not', async (stage) => {
    await (await stage.connect({ clientId: stage.name, sessionExpirySeconds: 600 })).leave()
    const { code, acknowledgeFlags } = await connackFor(stage, stage.name, 0, unknownMethod)
    assert.ok(code >= 0x80)
    assert.equal(acknowledgeFlags, 0)
    // The refused one has changed nothing.
    assert.equal((await stage.connect({ clientId: stage.name, clean: false })).connack?.sessionPresent, true)
  })

  test('v5 [MQTT-3.2.2-7] after a CONNACK of 0x80 or above the server closes', async ({ refuses, name }) => {
    const { code } = await refuses(mqtt`10 __ "MQTT" 05 02 0000 {${unknownMethod}} ${name}`, 0x8c, 0x87)
    assert.ok(code !== undefined)
  })

  test('v5 [MQTT-3.2.2-8] CONNACK bears a reason code of its table', async ({ open, name }) => {
    const answered: number[] = []
    const connects = [
      mqtt`10 __ "MQTT" 05 02 0000 {} ${name}`,
      mqtt`10 __ "MQTT" 05 02 0000 {${unknownMethod}} ${name}`,
      mqtt`10 __ "MQTT" 05 02 0000 {21 0000} ${name}`,
      mqtt`10 __ "MQTT" 05 03 0000 {} ${name}`,
      mqtt`10 __ "MQTT" 05 06 0000 {} ${name} {} "a/#" "x"`,
    ]
    for (const connect of connects) {
      const peer = await open()
      peer.send(connect)
      const answer = await peer.next().catch(() => undefined)
      if (answer !== undefined) answered.push(connackOf(answer).code)
    }
    assert.ok(answered.includes(0))
    for (const code of answered) assert.ok(reasonCodes.includes(code), `0x${code.toString(16)}`)
  })

  test('v5 [MQTT-3.2.2-15] a packet above the Maximum Packet Size of the server ends the connection', async ({
    connect,
    name,
  }) => {
    const peer = await connect()
    const maximum = propertyOf(peer.connack?.properties ?? [], 0x27)
    assert.ok(typeof maximum === 'number', 'the server names a maximum')
    const [header] = [mqtt`30 ffffff7f ${name} {}`.length]
    const fits = publishPacket('v5', name, 'x'.repeat(maximum - header))
    assert.ok(fits.length <= maximum)
    peer.send(fits)
    await peer.silent()
    peer.send(publishPacket('v5', name, 'x'.repeat(maximum)))
    await peer.closes(0x95)
  })

  test('v5 [MQTT-3.2.2-16] an assigned client identifier is nobody else’s', async ({ connect }) => {
    const assigned = new Set<unknown>()
    for (let n = 0; n < 20; n++) {
      const { connack } = await connect({ clientId: '' })
      assigned.add(propertyOf(connack?.properties ?? [], 0x12))
    }
    assert.equal(assigned.size, 20)
    assert.ok(!assigned.has(undefined))
  })

  test('v5 [MQTT-3.2.2-17] a topic alias above the Topic Alias Maximum of the server ends the connection', async ({
    connect,
    name,
  }) => {
    const peer = await connect()
    const maximum = propertyOf(peer.connack?.properties ?? [], 0x22) ?? 0
    assert.ok(typeof maximum === 'number' && maximum < 65_535)
    if (maximum > 0) await publish(peer, name, 'x', { properties: mqtt`23 ${u16(maximum)}` })
    peer.send(publishPacket('v5', name, 'x', { properties: mqtt`23 ${u16(maximum + 1)}` }))
    await peer.closes(0x94)
  })

  test(
    'v5 [MQTT-3.2.2-18] a topic alias ends the connection where the server takes none',
    () => ({ limits: { topicAliasMaximum: 0 } }),
    async ({ connect, name }) => {
      const peer = await connect()
      assert.equal(propertyOf(peer.connack?.properties ?? [], 0x22) ?? 0, 0)
      peer.send(publishPacket('v5', name, 'x', { properties: mqtt`23 0001` }))
      await peer.closes(0x94)
    },
  )

  test(
    'v5 [MQTT-3.2.2-19] v5 [MQTT-3.2.2-20] reason string and user properties are left out of a CONNACK that they would make too large',
    () => ({ access: { ...allowAll, authenticate: async () => refused(0x87, 'not-authorized') } }),
    async ({ open, name }) => {
      const peer = await open()
      peer.send(mqtt`10 __ "MQTT" 05 02 0000 {27 00000005} ${name}`)
      assert.deepEqual((await peer.expect('CONNACK')).bytes, mqtt`20 03 00 87 00`)
      await peer.ending()
    },
  )
})
