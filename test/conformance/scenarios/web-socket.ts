/** Section 6: MQTT over WebSocket, the same in both versions. */
import assert from 'node:assert/strict'
import { mqtt } from '../peer/bytes.ts'
import { connectPacket, publishPacket, subscribe } from '../peer/shorthand.ts'
import { opcode, type WebSocketPeer } from '../peer/web-socket.ts'
import type { Stage } from '../suite.ts'

/** Fixed header and body of the CONNACK, whatever its properties. */
async function connack(peer: WebSocketPeer): Promise<void> {
  const first = await peer.next()
  assert.equal(first?.opcode, opcode.binary)
  assert.equal(first?.payload[0], 0x20)
  assert.equal(first?.payload[3], 0)
}

async function connected({ name, version, openWebSocket }: Stage): Promise<WebSocketPeer> {
  const peer = await openWebSocket('mqtt')
  peer.send(opcode.binary, connectPacket(version, `${name}web`))
  await connack(peer)
  return peer
}

const pingreq = mqtt`c0 00`

export async function binaryFrames(stage: Stage): Promise<void> {
  const peer = await connected(stage)
  peer.send(opcode.binary, pingreq)
  assert.equal((await peer.binary(2)).toString('hex'), 'd000')
}

export async function textFrameCloses(stage: Stage): Promise<void> {
  const before = await stage.openWebSocket('mqtt')
  before.send(opcode.text, connectPacket(stage.version, `${stage.name}text`))
  await before.closes()
  const after = await connected(stage)
  after.send(opcode.text, pingreq)
  await after.closes()
}

/** Several packets in a frame, one packet over several frames and over fragments of one message. */
export async function notAligned(stage: Stage): Promise<void> {
  const { name, version, connect, openWebSocket } = stage
  const subscriber = await connect()
  await subscribe(subscriber, `${name}/#`)
  const peer = await openWebSocket('mqtt')
  const packets = Buffer.concat([
    connectPacket(version, `${name}web`),
    publishPacket(version, `${name}/a`, 'one'),
    publishPacket(version, `${name}/b`, 'two'.repeat(60)),
    publishPacket(version, `${name}/c`, 'three'),
    pingreq,
  ])
  for (const byte of packets.subarray(0, 20)) peer.send(opcode.binary, Buffer.of(byte))
  peer.send(opcode.binary, packets.subarray(20, 70))
  peer.send(opcode.binary, packets.subarray(70, 100), false)
  peer.send(opcode.ping, Buffer.from('between'))
  peer.send(opcode.continuation, packets.subarray(100, 101), false)
  peer.send(opcode.continuation, packets.subarray(101))
  const came = [await subscriber.publish(), await subscriber.publish(), await subscriber.publish()]
  assert.deepEqual(
    came.map(({ topic, payload }) => [topic, payload]),
    [
      [`${name}/a`, 'one'],
      [`${name}/b`, 'two'.repeat(60)],
      [`${name}/c`, 'three'],
    ],
  )
  await pongWithin(peer)
}

/** PINGRESP is the last that the server sends, after CONNACK; the pong of RFC 6455 stands anywhere between. */
async function pongWithin(peer: WebSocketPeer): Promise<void> {
  let got = Buffer.alloc(0)
  while (!got.toString('hex').endsWith('d000')) {
    const frame = await peer.next()
    if (frame === undefined) throw new Error(`the server closed after ${got.toString('hex')}`)
    if (frame.opcode === opcode.pong) continue
    assert.equal(frame.opcode, opcode.binary)
    got = Buffer.concat([got, frame.payload])
  }
}

export async function subprotocol({ openWebSocket }: Stage): Promise<void> {
  for (const offered of ['mqtt', 'other, mqtt', 'mqtt, other']) {
    const { answer } = await openWebSocket(offered)
    assert.match(answer.status, /^HTTP\/1\.1 101 /)
    assert.equal(answer.headers.get('sec-websocket-protocol'), 'mqtt')
  }
}
