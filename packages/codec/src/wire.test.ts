/** Every vector: whole, cut in two at every byte, and byte by byte. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DecoderOptions, encode, type Packet, type ProtocolVersion } from './mod.ts'
import { decodeChunks, decodeWhole, everySplit } from './testing/collect.ts'
import { badFromClient, badFromServer } from './vectors/bad.ts'
import { type GoodVector, goodVectors } from './vectors/good.ts'
import { wire } from './vectors/wire.ts'

const packetBytesMax = 1 << 20

function optionsFor(sender: 'client' | 'server', version: ProtocolVersion | undefined): DecoderOptions {
  if (sender === 'server') return { packetBytesMax, receives: 'from-server', version: version ?? 5 }
  return { packetBytesMax, receives: 'from-client', ...(version !== undefined && { version }) }
}

const optionsOf = ({ sender, version, packet }: GoodVector): DecoderOptions =>
  optionsFor(sender, packet.type === 'connect' ? undefined : version)

/** As the decoder hands it over: acknowledgements come without their properties. */
const asDecoded = (packet: Packet): Packet =>
  packet.type === 'puback' || packet.type === 'pubrec' || packet.type === 'pubrel' || packet.type === 'pubcomp'
    ? { ...packet, properties: {} }
    : packet

describe('packets of the specifications', () => {
  for (const vector of goodVectors) {
    it(`decodes ${vector.name}`, () => {
      const bytes = wire(vector.wire)
      const expected = { packets: [asDecoded(vector.packet)], fault: undefined }
      assert.deepEqual(decodeWhole(optionsOf(vector), bytes), expected)
      for (const chunks of everySplit(bytes)) assert.deepEqual(decodeChunks(optionsOf(vector), chunks), expected)
    })
    if (vector.decodeOnly) continue
    it(`encodes ${vector.name}`, () => {
      assert.equal(encode(vector.packet, vector.version).toString('hex'), wire(vector.wire).toString('hex'))
    })
  }
})

for (const [sender, vectors] of [
  ['client', badFromClient],
  ['server', badFromServer],
] as const) {
  describe(`what a ${sender} may not send`, () => {
    for (const [name, known, text, reasonCode] of vectors) {
      const version = known === 'new' ? undefined : known
      it(`refuses ${name}${version === undefined ? '' : ` (level ${version})`}`, () => {
        const options = optionsFor(sender, version)
        const bytes = wire(text)
        const whole = decodeWhole(options, bytes)
        assert.equal(whole.fault?.reasonCode, reasonCode, whole.fault?.message ?? 'taken as good')
        assert.deepEqual(whole.packets, [])
        for (const chunks of everySplit(bytes)) assert.deepEqual(decodeChunks(options, chunks), whole)
      })

      if (version === undefined) continue
      it(`hands over what is good ahead of ${name} (level ${version})`, () => {
        const options = optionsFor(sender, version)
        const good = wire(`40 02 0001 ${version === 5 ? '30 __ "a" {}' : '30 __ "a"'}`)
        const bytes = Buffer.concat([good, wire(text), good])
        const whole = decodeWhole(options, bytes)
        assert.deepEqual(
          whole.packets.map(({ type }) => type),
          ['puback', 'publish'],
        )
        assert.equal(whole.fault?.reasonCode, reasonCode)
        for (const chunks of everySplit(bytes)) assert.deepEqual(decodeChunks(options, chunks), whole)
      })
    }
  })
}
