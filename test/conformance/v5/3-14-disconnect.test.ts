/** MQTT 5.0, section 3.14: DISCONNECT; and 4.13: handling errors. */
import assert from 'node:assert/strict'
import { mqtt, raw, u8 } from '../peer/bytes.ts'
import { propertyOf } from '../peer/received.ts'
import { connectPacket, publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import { disconnectOf } from '../peer/views.ts'
import { faultyV5 } from '../scenarios/faulty.ts'
import {
  eachCloses,
  malformedPacket,
  payloads,
  protocolError,
  receive,
  tight,
  tightBytes,
} from '../scenarios/support.ts'
import { conformance, type Stage } from '../suite.ts'

/** Of table 3-10, those that a server may send. */
const serverCodes = [
  0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
  0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
]

/** What no server can take for anything else. */
const plainlyFaulty = [
  mqtt`36 __ "a" 0001 {} 00`,
  mqtt`30 __ 0002 c328 {}`,
  mqtt`30 __ "" {} 00`,
  mqtt`82 __ 0000 {} "a" 00`,
]

/** What the server says when a client breaks the protocol, and when its session is taken over. */
async function disconnects({ name, version, connect }: Stage): Promise<ReturnType<typeof disconnectOf>[]> {
  const broken = plainlyFaulty.map(async (packet) => {
    const peer = await connect()
    peer.send(packet)
    return (await peer.untilClosed()).at(-1)
  })
  const first = await connect({ clientId: name })
  await connect({ clientId: name })
  const packets = [...(await Promise.all(broken)), (await first.untilClosed()).at(-1)]
  assert.equal(version, 'v5')
  return packets.flatMap((packet) => (packet?.name === 'DISCONNECT' ? [disconnectOf(packet)] : []))
}

conformance('v5', '3.14 DISCONNECT, 4.13 handling errors', (test) => {
  test('v5 [MQTT-3.14.0-1] what goes wrong before CONNACK is not told by DISCONNECT', async ({ name, open }) => {
    const first = [
      mqtt`c0 00`,
      mqtt`e0 00`,
      mqtt`f0 __ 18 {15 "x"}`,
      publishPacket('v5', name, 'x'),
      mqtt`10 __ "MQTT" 06 02 0000 {} ${name}`,
      mqtt`10 __ "MQTT" 05 03 0000 {} ${name}`,
      mqtt`10 __ "MQTT" 05 02 0000 {7f} ${name}`,
      mqtt`10 __ "MQTT" 05 02 0000 {15 "unknown method"} ${name}`,
      mqtt`10 __ "MQTX" 05 02 0000 {} ${name}`,
    ]
    await Promise.all(
      first.map(async (packet) => {
        const peer = await open()
        peer.send(packet)
        const packets = await peer.untilClosed()
        assert.ok(packets.length <= 1 && packets.every(({ name: kind }) => kind === 'CONNACK'), `${packets}`)
      }),
    )
  })

  test('v5 [MQTT-3.14.1-1] DISCONNECT with reserved flags is malformed and keeps the will', async (stage) => {
    const { name, connect } = stage
    const watcher = await connect()
    await subscribe(watcher, name)
    const flags = Array.from({ length: 15 }, (_, index) => index + 1)
    await Promise.all(
      flags.map(async (flag) => {
        const peer = await connect({ will: { topic: name } })
        peer.send(mqtt`${u8(0xe0 | flag)} 00`)
        await peer.closes(malformedPacket)
      }),
    )
    await receive(watcher, flags.length)
  })

  test('v5 [MQTT-3.14.2-1] DISCONNECT bears a code of its table', async (stage) => {
    const codes = new Set((await disconnects(stage)).map(({ code }) => code))
    assert.ok(codes.size > 0)
    assert.ok(
      [...codes].every((code) => serverCodes.includes(code)),
      `${[...codes]}`,
    )
  })

  test('v5 [MQTT-3.14.2-1] DISCONNECT of a client with another code ends the connection and keeps the will', async (stage) => {
    const { name, connect } = stage
    const watcher = await connect()
    await subscribe(watcher, name)
    const codes = [0x01, 0x18, 0x8e, 0x9b, 0xff]
    await Promise.all(
      codes.map(async (code) => {
        const peer = await connect({ will: { topic: name } })
        peer.send(mqtt`e0 __ ${u8(code)} {}`)
        await peer.closes(malformedPacket, protocolError)
      }),
    )
    await receive(watcher, codes.length)
  })

  test('v5 [MQTT-3.14.2-2] DISCONNECT of the server has no session expiry interval', async (stage) => {
    const seen = await disconnects(stage)
    assert.ok(seen.length > 0)
    assert.ok(seen.every(({ properties }) => propertyOf(properties, 0x11) === undefined))
  })

  test('v5 [MQTT-3.14.2-3] v5 [MQTT-3.14.2-4] DISCONNECT leaves out what would not fit the client', async ({
    connect,
  }) => {
    await Promise.all(
      plainlyFaulty.map(async (packet) => {
        const peer = await connect({ properties: tight })
        peer.send(packet)
        const last = (await peer.untilClosed()).at(-1)
        assert.ok(last === undefined || last.bytes.length <= tightBytes, `${last}`)
      }),
    )
  })

  test('v5 [MQTT-3.14.4-1] v5 [MQTT-3.14.4-2] after DISCONNECT comes nothing but the end', async ({
    name,
    connect,
  }) => {
    const wrong = plainlyFaulty.map(async (packet) => {
      const peer = await connect()
      await subscribe(peer, name)
      peer.send(packet, mqtt`c0 00`, mqtt`c0 00`, publishPacket('v5', name, 'x'))
      return (await peer.untilClosed()).map(({ name: kind }) => kind)
    })
    for (const packets of await Promise.all(wrong)) assert.deepEqual(packets, ['DISCONNECT'])
  })

  test('v5 [MQTT-3.14.4-1] what a client sends behind its DISCONNECT is not processed', async ({
    name,
    version,
    connect,
  }) => {
    const [watcher, peer] = [await connect(), await connect()]
    await subscribe(watcher, name)
    peer.send(publishPacket(version, name, 'before'), mqtt`e0 00`, publishPacket(version, name, 'behind'))
    assert.deepEqual((await peer.ending()).before.map(String), [])
    assert.deepEqual(payloads(await watcher.publishes()), ['before'])
  })

  test('v5 [MQTT-3.14.4-3] DISCONNECT 0x00 discards the will, 0x04 does not', async ({ name, connect }) => {
    const watcher = await connect()
    await subscribe(watcher, name)
    for (const bytes of [mqtt`e0 00`, mqtt`e0 01 00`, mqtt`e0 __ 00 {}`, mqtt`e0 __ 04 {}`]) {
      const peer = await connect({ will: { topic: name, payload: bytes.toString('hex') } })
      peer.send(bytes)
      await peer.ending()
    }
    assert.deepEqual(payloads(await watcher.publishes()), ['e0020400'])
  })

  for (const { what, packet, codes } of faultyV5) {
    test(`v5 [MQTT-4.13.1-1] ends the connection: ${what}`, (stage) => eachCloses(stage, [packet], ...codes))
  }

  test('v5 [MQTT-4.13.1-1] ends the connection: a packet above the maximum of the server', async ({ connect }) => {
    const peer = await connect()
    const max = propertyOf(peer.connack?.properties ?? [], 0x27)
    if (typeof max !== 'number') return
    peer.send(publishPacket('v5', 'a', 'x'.repeat(max)))
    await peer.closes(0x95, malformedPacket)
  })

  test('v5 [MQTT-4.13.2-1] CONNACK or DISCONNECT of 0x80 or above comes with the end', async ({
    name,
    connect,
    open,
  }) => {
    const refused = await open()
    refused.send(mqtt`10 __ "MQTT" 05 02 0000 {15 "unknown method"} ${name}`)
    await refused.ending()
    const taken = await connect({ clientId: name })
    await connect({ clientId: name })
    await taken.closes(0x8e)
    const wrong = await connect()
    wrong.send(mqtt`36 __ "a" 0001 {}`)
    await wrong.closes(malformedPacket)
  })

  test('v5 [MQTT-4.13.2-1] DISCONNECT of 0x80 or above from a client closes and publishes the will', async ({
    name,
    connect,
  }) => {
    const watcher = await connect()
    await subscribe(watcher, name)
    const peer = await connect({ will: { topic: name, payload: 'ill' } })
    peer.send(mqtt`e0 __ 81 {}`)
    assert.deepEqual((await peer.ending()).before.map(String), [])
    assert.deepEqual(payloads(await watcher.publishes()), ['ill'])
  })

  test('v5 [MQTT-4.13.1-1] the fault of one connection harms no other', async ({ name, connect, open }) => {
    const [subscriber, publisher] = [await connect(), await connect()]
    await subscribe(subscriber, name)
    const bad = await open()
    bad.send(connectPacket('v5', `${name}bad`), raw('\u0000\u0001 not MQTT at all'))
    await bad.ending()
    await publish(publisher, name, 'alive')
    assert.deepEqual(payloads(await subscriber.publishes()), ['alive'])
  })
})
