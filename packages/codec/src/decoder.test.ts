import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Decoder, encode, type PublishFrame, reasonCode } from './mod.ts'
import { Collector, decodeChunks, decodeWhole, everySplit } from './testing/collect.ts'
import { UnfinishedPacket } from './unfinished-packet.ts'
import { wire } from './vectors/wire.ts'

const feed = (decoder: Decoder, bytes: Buffer, sink = new Collector()) => decoder.feed(bytes, 0, bytes.length, sink)

describe('decoder', () => {
  it('learns the version from CONNECT, even where CONNECT is refused further on', () => {
    const refused = new Decoder({ packetBytesMax: 100, receives: 'from-client' })
    assert.equal(refused.version, undefined)
    assert.equal(feed(refused, wire('10 __ "MQTT" 05 03 0000 {} "d"'))?.reasonCode, reasonCode.malformedPacket)
    assert.equal(refused.version, 5)

    const unknown = new Decoder({ packetBytesMax: 100, receives: 'from-client' })
    assert.equal(feed(unknown, wire('10 __ "MQTT" 07 02 0000'))?.reasonCode, reasonCode.unsupportedProtocolVersion)
    assert.equal(unknown.version, 5, 'the refusal is in the form of the nearest version')
  })

  it('reads by a version that is set from outside', () => {
    const decoder = new Decoder({ packetBytesMax: 100, receives: 'from-server', version: 4 })
    const sink = new Collector()
    assert.equal(feed(decoder, wire('20 02 00 00'), sink), undefined)
    decoder.version = 5
    assert.equal(feed(decoder, wire('20 __ 00 00 {}'), sink), undefined)
    assert.equal(sink.packets.length, 2)
  })

  it('takes a packet of the maximum size and refuses a larger one by its header alone', () => {
    const options = { packetBytesMax: 10, receives: 'from-client', version: 4 } as const
    assert.equal(decodeWhole(options, wire('30 08 "abc" 000000')).packets.length, 1)
    const { packets, fault } = decodeWhole(options, wire('c0 00 30 09'))
    assert.equal(packets.length, 1)
    assert.equal(fault?.reasonCode, reasonCode.packetTooLarge)
    for (const chunks of everySplit(wire('c0 00 30 ffff7f')))
      assert.equal(decodeChunks(options, chunks).fault?.reasonCode, reasonCode.packetTooLarge)
  })

  it('refuses a bad first byte without waiting for more', () => {
    assert.notEqual(decodeWhole({ packetBytesMax: 10, receives: 'from-client' }, Buffer.of(0x30)).fault, undefined)
  })

  it('stops at once when the sink halts it, and stays silent', () => {
    const pings = wire('c0 00 c0 00 c0')
    for (const chunks of [[pings], ...everySplit(pings)]) {
      const decoder = new Decoder({ packetBytesMax: 100, receives: 'from-client', version: 4 })
      const sink = new Collector()
      sink.onPacket = () => decoder.halt()
      for (const chunk of chunks) assert.equal(feed(decoder, chunk, sink), undefined)
      assert.equal(feed(decoder, wire('00 c0 00'), sink), undefined)
      assert.deepEqual(sink.packets, [{ type: 'pingreq' }])
    }
  })

  it('leaves the characters of a topic to the caller who asks for it', () => {
    const options = { packetBytesMax: 100, receives: 'from-client', version: 4 } as const
    const wildcard = wire('30 __ "a/#"')
    assert.equal(decodeWhole({ ...options, topicCheck: 'decode' }, wildcard).fault?.reasonCode, 0x90)
    assert.equal(decodeWhole({ ...options, topicCheck: 'caller' }, wildcard).packets.length, 1)
    // An empty topic is no matter of characters.
    assert.equal(decodeWhole({ ...options, topicCheck: 'caller' }, wire('30 __ ""')).fault?.reasonCode, 0x82)
  })

  it('hands over one frame for all publishes, which points into the read buffer and forgets it afterwards', () => {
    const decoder = new Decoder({ packetBytesMax: 1000, receives: 'from-client', version: 5 })
    const frames: PublishFrame[] = []
    const seen: unknown[] = []
    const bytes = wire('ffff 3d 11 "ab" 0009 {02 0000003c 23 0005} 7879 30 04 "c" {} ffff')
    const publish = (frame: PublishFrame): void => {
      frames.push(frame)
      const { start, qos, retain, duplicate, packetId, topicStart, topicEnd, propertiesStart, propertiesEnd } = frame
      const { payloadStart, payloadEnd, topicAlias, messageExpirySeconds } = frame
      assert.equal(frame.buffer, bytes)
      seen.push([start, qos, retain, duplicate, packetId, topicStart, topicEnd, propertiesStart, propertiesEnd])
      seen.push([payloadStart, payloadEnd, topicAlias, messageExpirySeconds])
    }
    const sink = Object.assign(new Collector(), { publish })
    assert.equal(decoder.feed(bytes, 2, bytes.length - 2, sink), undefined)
    assert.deepEqual(seen, [
      [2, 2, true, true, 9, 6, 8, 11, 19],
      [19, 21, 5, 60],
      [21, 0, false, false, 0, 25, 26, 27, 27],
      [27, 27, 0, -1],
    ])
    assert.equal(frames[0], frames[1])
    assert.equal(frames[0]?.buffer.length, 0)
  })

  it('keeps a publish as it is while another decoder reads within the call that hands it over', () => {
    const options = { packetBytesMax: 100, receives: 'from-client', version: 4 } as const
    const seen: string[] = []
    const topicOf = (frame: PublishFrame) => frame.buffer.toString('latin1', frame.topicStart, frame.topicEnd)
    const inner = Object.assign(new Collector(), { publish: (frame: PublishFrame) => seen.push(topicOf(frame)) })
    const publish = (frame: PublishFrame): void => {
      feed(new Decoder(options), wire('30 __ "inner"'), inner)
      seen.push(topicOf(frame))
    }
    feed(new Decoder(options), wire('30 __ "outer"'), Object.assign(new Collector(), { publish }))
    assert.deepEqual(seen, ['inner', 'outer'])
  })

  it('does not take the next packet for the end of this one', () => {
    const options = { packetBytesMax: 100, receives: 'from-client', version: 5 } as const
    // The property's value, the length of a text, a packet identifier would lie behind the packet.
    for (const [packet, next] of [
      ['30 05 "a" 02 01', '01'],
      ['30 06 "a" 03 03 00', '00'],
      ['30 02 0001', '61'],
      ['32 04 "a" 00', '01 00'],
      ['40 01 00', '01'],
      ['40 04 0001 00 01', '26'],
      ['a2 05 0001 00 0001', '61'],
    ] as const) {
      const { packets, fault } = decodeWhole(options, Buffer.concat([wire(packet), wire(next)]))
      assert.deepEqual(packets, [], packet)
      assert.equal(fault?.reasonCode, reasonCode.malformedPacket, packet)
    }
  })

  it('sets nothing aside for a length that is merely claimed', () => {
    const { arrayBuffers } = process.memoryUsage()
    const decoders = Array.from({ length: 1000 }, () => {
      const decoder = new Decoder({ packetBytesMax: 268_435_460, receives: 'from-client', version: 4 })
      assert.equal(feed(decoder, wire('30 ffffff7f 0003 6162')), undefined)
      return decoder
    })
    const grown = process.memoryUsage().arrayBuffers - arrayBuffers
    assert.ok(grown < 1_000_000, `${decoders.length} claims of 256 MiB took ${grown} bytes`)
  })

  it('holds an unfinished packet in at most twice its bytes, and in no more than the packet will have', () => {
    const packetBytes = 100_000
    const source = Buffer.alloc(packetBytes)
    const packet = new UnfinishedPacket(source, 0, 5)
    while (packet.bytes < packetBytes) {
      packet.append(source, 0, Math.min(700, packetBytes - packet.bytes), packetBytes)
      assert.ok(packet.buffer.length <= Math.min(2 * packet.bytes, packetBytes), `${packet.buffer.length} bytes`)
    }
    assert.equal(packet.buffer.length, packetBytes)
  })

  it('puts a large packet together from pieces', () => {
    const payload = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index & 0xff))
    const rest = { qos: 0, retain: false, duplicate: false, packetId: 0, properties: {} } as const
    const bytes = encode({ type: 'publish', topic: 'large', payload, ...rest }, 4)
    const pieces = Array.from({ length: Math.ceil(bytes.length / 999) }, (_, index) =>
      bytes.subarray(index * 999, (index + 1) * 999),
    )
    const { packets, fault } = decodeChunks({ packetBytesMax: 1e5, receives: 'from-client', version: 4 }, pieces)
    assert.equal(fault, undefined)
    assert.deepEqual(packets, [{ type: 'publish', topic: 'large', payload, ...rest }])
  })
})
