/** MQTT 5.0, sections 3.5 to 3.7: PUBREC, PUBREL and PUBCOMP. */
import assert from 'node:assert/strict'
import { mqtt, u16 } from '../peer/bytes.ts'
import type { Peer } from '../peer/peer.ts'
import { publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import { type Acknowledgement, acknowledgementOf } from '../peer/views.ts'
import {
  eachCloses,
  flagsBut0010,
  malformedPacket,
  protocolError,
  tight,
  tightBytes,
  withoutRight,
} from '../scenarios/support.ts'
import { conformance, type Stage } from '../suite.ts'

const receiptCodes = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]
const releaseCodes = [0x00, 0x92]

/** Answers of a server to what it does not know or does not allow, where it would have most to say. */
async function unknownPubrel({ connect }: Stage, properties?: Uint8Array): Promise<Acknowledgement> {
  const peer = await connect(properties && { properties })
  peer.send(mqtt`62 02 0a0a`)
  return answerOf(peer, 'PUBCOMP', properties === undefined ? Number.POSITIVE_INFINITY : tightBytes)
}

async function unknownPubrec({ connect }: Stage, properties?: Uint8Array): Promise<Acknowledgement> {
  const peer = await connect(properties && { properties })
  peer.send(mqtt`50 02 0b0b`)
  return answerOf(peer, 'PUBREL', properties === undefined ? Number.POSITIVE_INFINITY : tightBytes)
}

async function deniedPublish({ name, version, connect }: Stage, properties?: Uint8Array): Promise<Acknowledgement> {
  const peer = await connect(properties && { properties })
  peer.send(publishPacket(version, `${name}/no`, 'x', { qos: 2, packetId: 3 }))
  return answerOf(peer, 'PUBREC', properties === undefined ? Number.POSITIVE_INFINITY : tightBytes)
}

async function answerOf(peer: Peer, kind: 'PUBREC' | 'PUBREL' | 'PUBCOMP', bytesMax: number): Promise<Acknowledgement> {
  const packet = await peer.expect(kind)
  assert.ok(packet.bytes.length <= bytesMax, `${packet}`)
  return acknowledgementOf(packet)
}

/** Every code but these in this packet ends the connection. */
async function refusesCodes(stage: Stage, first: string, allowed: readonly number[]): Promise<void> {
  const wrong = [0x01, 0x04, 0x11, 0x18, 0x81, 0x82, 0x8e, 0x92, 0x9b, 0xff].filter((code) => !allowed.includes(code))
  const packets = wrong.map((code) => mqtt`${Buffer.from(first, 'hex')} 03 0001 ${Buffer.of(code)}`)
  await eachCloses(stage, packets, malformedPacket, protocolError)
}

conformance('v5', '3.5 PUBREC, 3.6 PUBREL, 3.7 PUBCOMP', (test) => {
  test('v5 [MQTT-3.5.2-1] PUBREC bears a code of its table: success', async ({ name, version, connect }) => {
    const peer = await connect()
    peer.send(publishPacket(version, name, 'x', { qos: 2, packetId: 3 }))
    assert.ok([0x00, 0x10].includes((await peer.acknowledgement('PUBREC')).code))
  })

  test('v5 [MQTT-3.5.2-1] PUBREC bears a code of its table: refusal', withoutRight('publish'), async (stage) => {
    const { packetId, code } = await deniedPublish(stage)
    assert.deepEqual([packetId, code], [3, 0x87])
    assert.ok(receiptCodes.includes(code))
  })

  test('v5 [MQTT-3.5.2-1] PUBREC of a client with another code ends the connection', (stage) =>
    refusesCodes(stage, '50', receiptCodes))

  test(
    'v5 [MQTT-3.5.2-2] v5 [MQTT-3.5.2-3] PUBREC leaves out what would not fit the client',
    withoutRight('publish'),
    async (stage) => {
      await deniedPublish(stage, tight)
    },
  )

  test('v5 [MQTT-3.6.1-1] PUBREL with flags other than 0010 ends the connection', (stage) =>
    eachCloses(stage, flagsBut0010(6, mqtt`02 0001`), malformedPacket))

  test('v5 [MQTT-3.6.2-1] PUBREL bears a code of its table', async (stage) => {
    const { name, connect } = stage
    const [subscriber, publisher] = [await connect(), await connect()]
    await subscribe(subscriber, name, 2)
    await publish(publisher, name, 'x', { qos: 2 })
    subscriber.send(mqtt`50 02 ${u16((await subscriber.publish()).packetId)}`)
    assert.equal((await subscriber.acknowledgement('PUBREL')).code, 0)
    assert.ok(releaseCodes.includes((await unknownPubrec(stage)).code))
  })

  test('v5 [MQTT-3.6.2-1] PUBREL of a client with another code ends the connection', (stage) =>
    refusesCodes(stage, '62', releaseCodes))

  test('v5 [MQTT-3.6.2-2] v5 [MQTT-3.6.2-3] PUBREL leaves out what would not fit the client', async (stage) => {
    await unknownPubrec(stage, tight)
  })

  test('v5 [MQTT-3.7.2-1] PUBCOMP bears a code of its table', async (stage) => {
    const { packetId, code } = await unknownPubrel(stage)
    assert.equal(packetId, 0x0a0a)
    assert.ok(releaseCodes.includes(code))
  })

  test('v5 [MQTT-3.7.2-1] PUBCOMP of a client with another code ends the connection', (stage) =>
    refusesCodes(stage, '70', releaseCodes))

  test('v5 [MQTT-3.7.2-2] v5 [MQTT-3.7.2-3] PUBCOMP leaves out what would not fit the client', async (stage) => {
    await unknownPubrel(stage, tight)
  })
})
