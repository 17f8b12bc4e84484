import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Decoder, type DecoderOptions, encode, type Packet, type ProtocolVersion } from './mod.ts'
import { arbitraryConnect, arbitraryPacket, arbitrarySpeaker, type Sender } from './testing/arbitrary-packets.ts'
import { Collector, decodeChunks, decodeWhole } from './testing/collect.ts'

const packetBytesMax = 1 << 20

const optionsFor = (sender: Sender, version: ProtocolVersion): DecoderOptions =>
  sender === 'server'
    ? { packetBytesMax, receives: 'from-server', version }
    : { packetBytesMax, receives: 'from-client', version }

/** What one side may say: a version, who speaks, and packets in a row. */
const speech = arbitrarySpeaker.chain(({ version, sender }) =>
  fc.record({
    version: fc.constant(version),
    sender: fc.constant(sender),
    packets: fc.array(arbitraryPacket(version, sender), { minLength: 1, maxLength: 6 }),
  }),
)

const join = (packets: readonly Packet[], version: ProtocolVersion): Buffer =>
  Buffer.concat(packets.map((packet) => encode(packet, version)))

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const indices = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((one, other) => one - other)
  return [0, ...indices].map((start, index) => bytes.subarray(start, indices[index] ?? bytes.length))
}

describe('codec', () => {
  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(speech, ({ version, sender, packets }) => {
        assert.deepEqual(decodeWhole(optionsFor(sender, version), join(packets, version)), {
          packets,
          fault: undefined,
        })
      }),
      { numRuns: 500 },
    )
  })

  it('decodes any CONNECT that it encodes, and what follows in the version that it told', () => {
    const conversation = fc
      .constantFrom<ProtocolVersion>(3, 4, 5)
      .chain((version) =>
        fc.tuple(
          arbitraryConnect(version),
          fc.array(arbitraryPacket(version, 'client'), { maxLength: 3 }),
          fc.constant(version),
        ),
      )
    fc.assert(
      fc.property(conversation, ([connect, others, version]) => {
        const packets = [connect, ...others]
        const decoded = decodeWhole({ packetBytesMax, receives: 'from-client' }, join(packets, version))
        assert.deepEqual(decoded, { packets, fault: undefined })
      }),
      { numRuns: 300 },
    )
  })

  it('gives the same for any split, of good bytes and of bad', () => {
    const damage = fc.option(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { nil: undefined })
    fc.assert(
      fc.property(
        speech,
        fc.array(fc.nat(), { maxLength: 12 }),
        damage,
        ({ version, sender, packets }, places, hit) => {
          const bytes = join(packets, version)
          if (hit !== undefined) bytes[hit[0] % bytes.length] = hit[1]
          const options = optionsFor(sender, version)
          assert.deepEqual(decodeChunks(options, cut(bytes, places)), decodeWhole(options, bytes))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('never throws on garbage, never reads outside its range, and is silent after a fault', () => {
    const garbage = fc.uint8Array({ maxLength: 300 })
    const version = fc.constantFrom<ProtocolVersion | undefined>(undefined, 3, 4, 5)
    fc.assert(
      fc.property(garbage, garbage, version, (inside, outside, known) => {
        const options: DecoderOptions = { packetBytesMax, receives: 'from-client', ...(known && { version: known }) }
        // What lies around the range may not change what is read from it.
        const framed = Buffer.concat([outside, inside, outside])
        const decoder = new Decoder(options)
        const sink = new Collector()
        const fault = decoder.feed(framed, outside.length, outside.length + inside.length, sink)
        assert.deepEqual({ packets: sink.packets, fault }, decodeWhole(options, Buffer.from(inside)))
        if (fault === undefined) return
        const { length } = sink.packets
        assert.equal(decoder.feed(Buffer.of(0xc0, 0), 0, 2, sink), undefined)
        assert.equal(sink.packets.length, length)
      }),
      { numRuns: 3000 },
    )
  })
})
