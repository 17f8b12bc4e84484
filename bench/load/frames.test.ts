import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Packet, parser } from 'mqtt-packet'
import { FrameWalker } from './frames.ts'
import { acknowledgement, connectPacket, packetType, publishPacket, subscribePacket } from './packets.ts'
import { createPayload, patchSequence, publisherAt, sequenceAt } from './payload.ts'

const packets = [
  connectPacket('client', true),
  subscribePacket('bench/+', 1),
  publishPacket('bench/7', 0, 0, createPayload(64, 7)),
  acknowledgement(packetType.pubrel, 300),
  publishPacket('bench/7', 2, 300, createPayload(1024, 7)),
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

  it('carry a sequence number that can be patched', () => {
    const payload = createPayload(16, 513)
    for (const sequence of [0, 255, 65_536, 2 ** 32 - 1]) {
      patchSequence(payload, 0, sequence)
      assert.deepEqual([sequenceAt(payload, 0), publisherAt(payload, 0)], [sequence, 513])
    }
  })
})
