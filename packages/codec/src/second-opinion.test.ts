/** `mqtt-packet` of npm shares no line with our codec: a mistake made on both of our sides shows here. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import mqttPacket from 'mqtt-packet'
import { type DecoderOptions, encode, type Packet, type Properties, type ProtocolVersion, type Will } from './mod.ts'
import { arbitraryConnect, arbitraryPacket, arbitrarySpeaker } from './testing/arbitrary-packets.ts'
import { decodeWhole } from './testing/collect.ts'

type Foreign = Record<string, unknown>

function foreignProperties(properties: Properties): Foreign {
  const { userProperties, subscriptionIdentifiers, payloadFormatIndicator, ...same } = properties
  return {
    ...same,
    ...(payloadFormatIndicator !== undefined && { payloadFormatIndicator: payloadFormatIndicator === 1 }),
    ...(userProperties && { userProperties: Object.fromEntries(userProperties) }),
    ...(subscriptionIdentifiers && {
      subscriptionIdentifier:
        subscriptionIdentifiers.length === 1 ? subscriptionIdentifiers[0] : subscriptionIdentifiers,
    }),
  }
}

function foreignWill({ properties, ...will }: Will): Foreign {
  const foreign = foreignProperties(properties)
  return Object.keys(foreign).length === 0 ? will : { ...will, properties: foreign }
}

function foreignBody(packet: Packet, version: ProtocolVersion): Foreign {
  switch (packet.type) {
    case 'connect': {
      const { clientId, username, password, will } = packet
      return {
        protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
        protocolVersion: version,
        clientId,
        clean: packet.cleanStart,
        keepalive: packet.keepAliveSeconds,
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
        ...(will && { will: foreignWill(will) }),
      }
    }
    case 'connack':
      return { sessionPresent: packet.sessionPresent, [version === 5 ? 'reasonCode' : 'returnCode']: packet.reasonCode }
    case 'publish': {
      const { topic, payload, qos, retain, duplicate, packetId } = packet
      return { topic, payload, qos, retain, dup: duplicate, ...(qos > 0 && { messageId: packetId }) }
    }
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return { messageId: packet.packetId, ...(version === 5 && { reasonCode: packet.reasonCode }) }
    case 'subscribe':
      return {
        messageId: packet.packetId,
        subscriptions: packet.subscriptions.map(({ filter, qos, noLocal, retainAsPublished, retainHandling }) => ({
          topic: filter,
          qos,
          ...(version === 5 && { nl: noLocal, rap: retainAsPublished, rh: retainHandling }),
        })),
      }
    case 'suback':
    case 'unsuback':
      return {
        messageId: packet.packetId,
        ...(packet.reasonCodes.length > 0 && { granted: packet.reasonCodes }),
      }
    case 'unsubscribe':
      return { messageId: packet.packetId, unsubscriptions: packet.filters }
    case 'disconnect':
    case 'auth':
      return version === 5 ? { reasonCode: packet.reasonCode } : {}
    case 'pingreq':
    case 'pingresp':
      return {}
    default:
      throw packet satisfies never
  }
}

function foreign(packet: Packet, version: ProtocolVersion): Foreign {
  const properties = version === 5 && 'properties' in packet ? foreignProperties(packet.properties) : {}
  return {
    cmd: packet.type,
    ...foreignBody(packet, version),
    ...(Object.keys(properties).length > 0 && { properties }),
  }
}

function parseForeign(bytes: Buffer, version: ProtocolVersion): Foreign {
  const found: unknown[] = []
  const parser = mqttPacket.parser({ protocolVersion: version })
  parser.on('packet', (packet: unknown) => found.push(packet))
  parser.on('error', (error: unknown) => {
    throw error
  })
  parser.parse(bytes)
  assert.equal(found.length, 1)
  return found[0] as Foreign
}

const options = (receives: DecoderOptions['receives'], version: ProtocolVersion, first: boolean): DecoderOptions =>
  receives === 'from-server'
    ? { packetBytesMax: 1 << 20, receives, version }
    : { packetBytesMax: 1 << 20, receives, ...(!first && { version }) }

const anyPacket = arbitrarySpeaker.chain(({ version, sender }) =>
  fc.record({
    version: fc.constant(version),
    receives: fc.constant(sender === 'client' ? ('from-client' as const) : ('from-server' as const)),
    packet:
      sender === 'client'
        ? fc.oneof({ weight: 3, arbitrary: arbitraryPacket(version, sender) }, arbitraryConnect(version))
        : arbitraryPacket(version, sender),
  }),
)

describe('an independent codec', () => {
  it('reads what we write', () => {
    fc.assert(
      fc.property(anyPacket, ({ version, packet }) => {
        const theirs = parseForeign(encode(packet, version), version)
        for (const [key, value] of Object.entries(foreign(packet, version)))
          assert.deepEqual(plain(theirs[key]), plain(value), `${key} of ${packet.type}`)
      }),
      { numRuns: 1000 },
    )
  })

  it('writes what we read', () => {
    fc.assert(
      fc.property(anyPacket, ({ version, receives, packet }) => {
        // It writes no password without a user name, which 5.0 allows: a vector holds that case.
        fc.pre(packet.type !== 'connect' || packet.password === undefined || packet.username !== undefined)
        const bytes = mqttPacket.generate(foreign(packet, version) as never, { protocolVersion: version })
        const decoded = decodeWhole(options(receives, version, packet.type === 'connect'), bytes)
        assert.deepEqual(plain(decoded), plain({ packets: [packet], fault: undefined }))
      }),
      { numRuns: 1000 },
    )
  })
})

/** Bytes as hex and null prototypes gone, so that only values are compared. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]))
}
