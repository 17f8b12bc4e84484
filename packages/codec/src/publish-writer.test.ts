/** The hot path's writers against the plain encoder. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  acknowledgementBytes,
  encode,
  encodeProperties,
  type Properties,
  type PublishDelivery,
  type PublishPacket,
  type PublishSource,
  publishBytes,
  stripPublishProperties,
  variableIntegerBytes,
  writeAcknowledgement,
  writePublish,
  writeVariableInteger,
} from './mod.ts'
import { arbitraryPacket } from './testing/arbitrary-packets.ts'
import { decodeWhole } from './testing/collect.ts'
import { readMinimalInteger, readVariableInteger } from './variable-integer.ts'
import { wire } from './vectors/wire.ts'

const publish = arbitraryPacket(5, 'server').filter((packet): packet is PublishPacket => packet.type === 'publish')

/** Topic, kept properties and payload one behind the other, with strangers around. */
function sourceOf(packet: PublishPacket, kept: Buffer): PublishSource {
  const edge = Buffer.from('edge')
  const topic = Buffer.from(packet.topic)
  const topicStart = edge.length
  const propertiesStart = topicStart + topic.length
  const payloadStart = propertiesStart + kept.length
  return {
    buffer: Buffer.concat([edge, topic, kept, packet.payload, edge]),
    topicStart,
    topicEnd: propertiesStart,
    propertiesStart,
    propertiesEnd: payloadStart,
    payloadStart,
    payloadEnd: payloadStart + packet.payload.length,
  }
}

function deliveryOf(packet: PublishPacket, version: 3 | 4 | 5, topicOmitted: boolean): PublishDelivery {
  const { messageExpiryInterval, subscriptionIdentifiers, topicAlias } = packet.properties
  return {
    version,
    qos: packet.qos,
    retain: packet.retain,
    duplicate: packet.duplicate,
    packetId: packet.packetId,
    messageExpirySeconds: messageExpiryInterval ?? -1,
    subscriptionIdentifiers: subscriptionIdentifiers ?? [],
    topicAlias: topicAlias ?? 0,
    topicOmitted,
  }
}

function withoutDelivered({
  messageExpiryInterval,
  subscriptionIdentifiers,
  topicAlias,
  ...kept
}: Properties): Properties {
  return kept
}

describe('publish writer', () => {
  it('writes what the encoder writes, in exactly the bytes that it announced', () => {
    fc.assert(
      fc.property(publish, fc.boolean(), (packet, wantsOmission) => {
        const topicOmitted = wantsOmission && packet.properties.topicAlias !== undefined
        const source = sourceOf(packet, encodeProperties(withoutDelivered(packet.properties)))
        const delivery = deliveryOf(packet, 5, topicOmitted)
        const bytes = publishBytes(source, delivery)
        const target = Buffer.alloc(bytes + 20, 0xee)
        assert.equal(writePublish(target, 10, source, delivery), 10 + bytes)
        assert.deepEqual([...target.subarray(0, 10), ...target.subarray(10 + bytes)], Array(20).fill(0xee))
        const decoded = decodeWhole(
          { packetBytesMax: 1 << 20, receives: 'from-server', version: 5 },
          target.subarray(10, 10 + bytes),
        )
        const expected = { ...packet, topic: topicOmitted ? '' : packet.topic }
        assert.deepEqual(decoded, { packets: [expected], fault: undefined })
      }),
      { numRuns: 500 },
    )
  })

  it('leaves the properties away before 5.0', () => {
    fc.assert(
      fc.property(publish, (packet) => {
        const source = sourceOf(packet, encodeProperties(withoutDelivered(packet.properties)))
        const delivery = deliveryOf(packet, 4, false)
        const target = Buffer.alloc(publishBytes(source, delivery))
        writePublish(target, 0, source, delivery)
        assert.deepEqual(target, encode(packet, 4))
      }),
    )
  })
})

describe('stripping of properties', () => {
  const properties = publish.map((packet) => packet.properties)

  it('takes out alias, expiry and subscription identifiers and keeps the rest as it was', () => {
    fc.assert(
      fc.property(properties, (all) => {
        const raw = encodeProperties(all)
        const target = Buffer.alloc(raw.length)
        const end = stripPublishProperties(raw, 0, raw.length, target, 0)
        assert.deepEqual(target.subarray(0, end), encodeProperties(withoutDelivered(all)))
      }),
    )
  })

  it('closes the range up in place, and leaves it alone where there is nothing to take out', () => {
    const raw = wire('23 0001 26 "k" "v" 02 0000003c 0b 8001 01 01 03 "text"')
    const buffer = Buffer.concat([Buffer.from('<'), raw, Buffer.from('>')])
    const end = stripPublishProperties(buffer, 1, buffer.length - 1, buffer, 1)
    assert.deepEqual(buffer.subarray(1, end), wire('26 "k" "v" 01 01 03 "text"'))
    assert.equal(buffer.toString('latin1', 0, 1) + buffer.toString('latin1', buffer.length - 1), '<>')

    const kept = Object.freeze({ bytes: wire('01 01 26 "k" "v" 09 0002 0b02') })
    const before = Buffer.from(kept.bytes)
    assert.equal(stripPublishProperties(kept.bytes, 0, before.length, kept.bytes, 0), before.length)
    assert.deepEqual(kept.bytes, before)
    assert.equal(stripPublishProperties(before, 3, 3, before, 3), 3)
  })
})

describe('small writers', () => {
  it('write acknowledgements as the encoder does', () => {
    for (const type of ['puback', 'pubrec', 'pubrel', 'pubcomp'] as const)
      for (const version of [3, 4, 5] as const)
        for (const reasonCode of [0, 0x92]) {
          const target = Buffer.alloc(8, 0xee)
          const end = writeAcknowledgement(target, 1, type, 0xabcd, reasonCode, version)
          const expected = encode({ type, packetId: 0xabcd, reasonCode, properties: {} }, version)
          assert.deepEqual(target.subarray(1, end), expected)
          assert.equal(end - 1, acknowledgementBytes(reasonCode, version))
          assert.equal(target[end], 0xee)
        }
  })

  it('write variable integers by the table of section 1.5.5', () => {
    for (const [value, hex] of [
      [0, '00'],
      [127, '7f'],
      [128, '8001'],
      [16_383, 'ff7f'],
      [16_384, '808001'],
      [2_097_151, 'ffff7f'],
      [2_097_152, '80808001'],
      [268_435_455, 'ffffff7f'],
    ] as const) {
      const target = Buffer.alloc(6)
      const end = writeVariableInteger(target, 1, value)
      assert.equal(target.toString('hex', 1, end), hex)
      assert.equal(end - 1, variableIntegerBytes(value))
      assert.equal(readMinimalInteger(target, 1, end), value)
      assert.equal(readVariableInteger(target, 1, end - 1), -1)
    }
    assert.equal(readVariableInteger(wire('8000'), 0, 2), 0)
    assert.equal(readMinimalInteger(wire('8000'), 0, 2), -2)
    assert.equal(readVariableInteger(wire('8080808000'), 0, 5), -2)
  })
})
