/** Any legal packet of a version and sender, for property tests. */
import fc from 'fast-check'
import type { Packet, Properties, ProtocolVersion, PublishPacket, QoS, Subscription, Will } from '../mod.ts'
import { type PropertyBearer, placesOf, propertyEntries, propertyPlace } from '../properties/table.ts'

export type Sender = 'client' | 'server'

const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .map((value) => value.replaceAll('\0', ''))
  // Names that are keys of every object would say more about an independent codec than about ours.
  .filter((value) => !(value in {}))
const filledText = text.filter((value) => value !== '')
const topic = filledText.map((value) => value.replaceAll(/[+#]/g, '/'))
const level = fc.oneof(
  fc.constant('+'),
  text.map((value) => value.replaceAll(/[+#/]/g, '')),
)
const plainFilter = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'))
  .filter((filter) => filter !== '' && !filter.startsWith('$share/'))
const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value))
const uint16 = fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.constantFrom(1, 255, 256, 65_535))
const uint32 = fc.oneof(fc.integer({ min: 1, max: 0xffffffff }), fc.constantFrom(1, 0x7fffffff, 0x80000000, 0xffffffff))
const identifier = fc.oneof(
  fc.integer({ min: 1, max: 268_435_455 }),
  fc.constantFrom(1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455),
)
/** As plain objects, which is what the decoder makes. */
const record = <Value>(model: { [Key in keyof Value]: fc.Arbitrary<Value[Key]> }): fc.Arbitrary<Value> =>
  fc.record(model, { noNullPrototype: true })
const qos = fc.constantFrom<QoS>(0, 1, 2)

function propertyValue(name: string, kind: string, several: boolean): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'flag':
      return fc.boolean()
    case 'byte':
      return fc.constantFrom(0, 1)
    case 'uint16':
      return uint16
    case 'uint32':
      return uint32
    case 'identifiers':
      return fc.array(identifier, { minLength: 1, maxLength: several ? 4 : 1 })
    case 'bytes':
      return bytes
    case 'pairs':
      // Independent codecs keep them by name, so that each name stands once here; vectors hold those that repeat.
      return fc.uniqueArray(fc.tuple(filledText, text), { minLength: 1, maxLength: 3, selector: ([key]) => key })
    default:
      return name === 'responseTopic' ? topic : text
  }
}

function propertiesOf(bearer: PropertyBearer, sender: Sender, version: ProtocolVersion): fc.Arbitrary<Properties> {
  if (version !== 5) return fc.constant({})
  const place = propertyPlace(bearer, sender)
  const legal = propertyEntries.filter(([, { id }]) => ((placesOf[id] ?? 0) & place) !== 0)
  const model = Object.fromEntries(
    legal.map(([name, { kind }]) => [name, propertyValue(name, kind, bearer === 'publish')]),
  )
  return fc.record(model, { requiredKeys: [], noNullPrototype: true }).map(withMethod) as fc.Arbitrary<Properties>
}

/** Authentication data stands beside a method only. */
const withMethod = (properties: Properties): Properties =>
  properties.authenticationData === undefined ? properties : { authenticationMethod: 'M', ...properties }

const reasonsOf = (sender: Sender): Record<string, readonly number[]> => ({
  connack: [0, 0x80, 0x87, 0x9c, 0x9f],
  puback: [0, 0x10, 0x80, 0x97, 0x99],
  pubrel: [0, 0x92],
  suback: [0, 1, 2, 0x80, 0x8f, 0xa2],
  unsuback: [0, 0x11, 0x80, 0x91],
  disconnect: sender === 'client' ? [0, 4, 0x80, 0x99] : [0x80, 0x8b, 0x8e, 0xa2],
  auth: sender === 'client' ? [0x18, 0x19] : [0, 0x18],
})

/** Fields that an `exactOptionalPropertyTypes` record may leave away, made of a tuple of possible values. */
function connect(version: ProtocolVersion): fc.Arbitrary<Packet> {
  const will: fc.Arbitrary<Will> = record({
    topic,
    payload: bytes,
    qos,
    retain: fc.boolean(),
    properties: propertiesOf('will', 'client', version),
  })
  const optional = fc.record(
    { username: filledText, password: bytes, will },
    { requiredKeys: [], noNullPrototype: true },
  )
  const always = record({
    type: fc.constant('connect' as const),
    version: fc.constant(version),
    clientId: filledText,
    cleanStart: fc.boolean(),
    keepAliveSeconds: fc.integer({ min: 0, max: 65_535 }),
    properties: propertiesOf('connect', 'client', version),
  })
  return fc.tuple(always, optional).map(([fields, { username, password, will }]) => ({
    ...fields,
    ...(username !== undefined && { username }),
    ...(password !== undefined && (version === 5 || username !== undefined) && { password }),
    ...(will !== undefined && { will }),
  }))
}

function publish(version: ProtocolVersion, sender: Sender): fc.Arbitrary<PublishPacket> {
  const packet = record({
    type: fc.constant('publish' as const),
    topic,
    payload: fc.oneof(
      bytes,
      fc.integer({ min: 100, max: 20_000 }).map((length) => Buffer.alloc(length, 0x61)),
    ),
    qos,
    retain: fc.boolean(),
    duplicate: fc.boolean(),
    packetId: uint16,
    properties: propertiesOf('publish', sender, version),
  })
  return packet.map((value) => (value.qos === 0 ? { ...value, duplicate: false, packetId: 0 } : value))
}

function acknowledgement(version: ProtocolVersion, sender: Sender): fc.Arbitrary<Packet> {
  const reasons = reasonsOf(sender)
  return fc.constantFrom('puback' as const, 'pubrec' as const, 'pubrel' as const, 'pubcomp' as const).chain((type) =>
    record({
      type: fc.constant(type),
      packetId: uint16,
      reasonCode:
        version === 5
          ? fc.constantFrom(...(reasons[type === 'puback' || type === 'pubrec' ? 'puback' : 'pubrel'] ?? []))
          : fc.constant(0),
      properties: fc.constant({}),
    }),
  )
}

function subscription(version: ProtocolVersion): fc.Arbitrary<Subscription> {
  const options = record({
    filter: plainFilter,
    qos,
    noLocal: fc.boolean(),
    retainAsPublished: fc.boolean(),
    retainHandling: fc.constantFrom(0 as const, 1 as const, 2 as const),
  })
  if (version === 5) return options
  return options.map((value) => ({ ...value, noLocal: false, retainAsPublished: false, retainHandling: 0 }))
}

function fromClient(version: ProtocolVersion): readonly fc.Arbitrary<Packet>[] {
  return [
    record({
      type: fc.constant('subscribe' as const),
      packetId: uint16,
      subscriptions: fc.array(subscription(version), { minLength: 1, maxLength: 4 }),
      properties: propertiesOf('subscribe', 'client', version),
    }),
    record({
      type: fc.constant('unsubscribe' as const),
      packetId: uint16,
      filters: fc.array(plainFilter, { minLength: 1, maxLength: 4 }),
      properties: propertiesOf('unsubscribe', 'client', version),
    }),
    fc.constant({ type: 'pingreq' as const }),
  ]
}

function fromServer(version: ProtocolVersion): readonly fc.Arbitrary<Packet>[] {
  const reasons = reasonsOf('server')
  const codes = (type: string, version4: readonly number[]): fc.Arbitrary<number> =>
    fc.constantFrom(...(version === 5 ? (reasons[type] ?? []) : version4))
  return [
    record({
      type: fc.constant('connack' as const),
      sessionPresent: fc.boolean(),
      reasonCode: codes('connack', [0, 1, 2, 3, 4, 5]),
      properties: propertiesOf('connack', 'server', version),
    }).map((packet) => ({
      ...packet,
      sessionPresent: packet.sessionPresent && packet.reasonCode === 0 && version > 3,
    })),
    record({
      type: fc.constant('suback' as const),
      packetId: uint16,
      reasonCodes: fc.array(codes('suback', [0, 1, 2, 0x80]), { minLength: 1, maxLength: 4 }),
      properties: propertiesOf('acknowledgement', 'server', version),
    }),
    record({
      type: fc.constant('unsuback' as const),
      packetId: uint16,
      reasonCodes:
        version === 5 ? fc.array(codes('unsuback', []), { minLength: 1, maxLength: 4 }) : fc.constant<number[]>([]),
      properties: propertiesOf('acknowledgement', 'server', version),
    }),
    fc.constant({ type: 'pingresp' as const }),
  ]
}

function closing(version: ProtocolVersion, sender: Sender): readonly fc.Arbitrary<Packet>[] {
  const reasons = reasonsOf(sender)
  if (version !== 5)
    return sender === 'client' ? [fc.constant({ type: 'disconnect', reasonCode: 0, properties: {} } as const)] : []
  return [
    record({
      type: fc.constant('disconnect' as const),
      reasonCode: fc.constantFrom(...(reasons['disconnect'] ?? [])),
      properties: propertiesOf('disconnect', sender, version),
    }),
    record({
      type: fc.constant('auth' as const),
      reasonCode: fc.constantFrom(...(reasons['auth'] ?? [])),
      properties: propertiesOf('auth', sender, version).map((value) => ({ authenticationMethod: 'M', ...value })),
    }),
  ]
}

/** Any packet but CONNECT, which only ever comes first. */
export const arbitraryPacket = (version: ProtocolVersion, sender: Sender): fc.Arbitrary<Packet> =>
  fc.oneof(
    publish(version, sender),
    acknowledgement(version, sender),
    ...(sender === 'client' ? fromClient(version) : fromServer(version)),
    ...closing(version, sender),
  )

export const arbitraryConnect = connect

export const arbitrarySpeaker: fc.Arbitrary<{ version: ProtocolVersion; sender: Sender }> = record({
  version: fc.constantFrom<ProtocolVersion>(3, 4, 5),
  sender: fc.constantFrom<Sender>('client', 'server'),
})
