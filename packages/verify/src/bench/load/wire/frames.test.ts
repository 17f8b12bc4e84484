import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generate, type Packet, parser } from 'mqtt-packet'
import { FrameWalker } from './frames.ts'
import {
  acknowledgement,
  connectPacket,
  packetType,
  publishPacket,
  receiveMaximumOf,
  subscribePacket,
} from './packets.ts'
import { createPayload, patchSequence, publisherAt, sequenceAt } from './payload.ts'

const packets = [
  connectPacket({ clientId: 'client', version: 4, isPersistent: false }),
  subscribePacket('bench/+', 1, 4),
  publishPacket({ topic: 'bench/7', qos: 0, packetId: 0, payload: createPayload(64, 7), version: 4 }),
  acknowledgement(packetType.pubrel, 300),
  publishPacket({ topic: 'bench/7', qos: 2, packetId: 300, payload: createPayload(1024, 7), version: 4 }),
  acknowledgement(packetType.puback, 20),
]
const stream = Buffer.concat(packets)

/** The frames of the stream when it is read in pieces of `pieceBytes` out of one buffer that is written over. */
function walked(pieceBytes: number): Buffer[] {
  const frames: Buffer[] = []
  const walker = new FrameWalker((bytes, first, body, end) => {
    frames.push(Buffer.concat([Buffer.of(first), bytes.subarray(body, end)]))
  })
  const shared = Buffer.alloc(pieceBytes)
  for (let at = 0; at < stream.length; at += pieceBytes) {
    const count = stream.copy(shared, 0, at, Math.min(stream.length, at + pieceBytes))
    walker.push(shared, count)
    shared.fill(0xff)
  }
  return frames
}

/** A packet without its length, which has two bytes here where the body is longer than 127. */
const withoutLength = (packet: Buffer): Buffer =>
  Buffer.concat([packet.subarray(0, 1), packet.subarray(packet.length > 129 ? 3 : 2)])

describe('the walker of frames', () => {
  it('finds the same frames however the stream is cut', () => {
    for (let pieceBytes = 1; pieceBytes <= stream.length; pieceBytes++) {
      assert.deepEqual(walked(pieceBytes), packets.map(withoutLength), `pieces of ${pieceBytes}`)
    }
  })

  it('refuses a frame larger than any that is sent here', () => {
    const walker = new FrameWalker(() => assert.fail('no frame is whole'))
    assert.throws(() => walker.push(Buffer.of(0x30, 0xff, 0xff, 0xff, 0x7f), 5), /larger/)
  })
})

describe('the packets of the generator', () => {
  it('are read by an independent codec as what they are meant to be', () => {
    const read: Packet[] = []
    const independent = parser({ protocolVersion: 4 })
    independent.on('packet', (packet) => read.push(packet))
    independent.parse(stream)
    assert.deepEqual(
      read.map(({ cmd, messageId }) => [cmd, messageId]),
      [
        ['connect', undefined],
        ['subscribe', 1],
        ['publish', undefined],
        ['pubrel', 300],
        ['publish', 300],
        ['puback', 20],
      ],
    )
  })

  it('are those of MQTT 5 where it is asked for', () => {
    const read: Packet[] = []
    const independent = parser({ protocolVersion: 5 })
    independent.on('packet', (packet) => read.push(packet))
    const identity = { username: 'ada', password: 'lovelace' }
    independent.parse(connectPacket({ clientId: 'client', version: 5, isPersistent: true, ...identity }))
    independent.parse(subscribePacket('bench/+', 1, 5))
    independent.parse(
      publishPacket({ topic: 'a', qos: 1, packetId: 9, payload: Buffer.from('x'), version: 5, isRetained: true }),
    )
    const [connect, subscribe, publish] = read
    assert.ok(connect?.cmd === 'connect' && subscribe?.cmd === 'subscribe' && publish?.cmd === 'publish')
    assert.deepEqual([connect.protocolVersion, connect.clean, connect.username], [5, true, 'ada'])
    assert.equal(connect.password?.toString(), 'lovelace')
    assert.equal(connect.properties?.sessionExpiryInterval, 3600)
    assert.deepEqual([subscribe.subscriptions[0]?.topic, subscribe.subscriptions[0]?.qos], ['bench/+', 1])
    assert.deepEqual([publish.messageId, publish.retain, publish.payload.toString()], [9, true, 'x'])
  })

  it('heed how many publishes a server takes unanswered', () => {
    const connack = (properties: object): number => {
      const bytes = generate(
        { cmd: 'connack', reasonCode: 0, sessionPresent: false, properties },
        { protocolVersion: 5 },
      )
      return receiveMaximumOf(bytes, 2, bytes.length)
    }
    const others = {
      assignedClientIdentifier: 'me',
      userProperties: { one: 'two' },
      maximumQoS: 1,
      topicAliasMaximum: 9,
    }
    assert.equal(connack({}), 65_535)
    assert.equal(connack(others), 65_535)
    assert.equal(connack({ ...others, receiveMaximum: 20 }), 20)
  })

  it('carry a sequence number that can be patched', () => {
    const payload = createPayload(16, 513)
    for (const sequence of [0, 255, 65_536, 2 ** 32 - 1]) {
      patchSequence(payload, 0, sequence)
      assert.deepEqual([sequenceAt(payload, 0), publisherAt(payload, 0)], [sequence, 513])
    }
  })
})
