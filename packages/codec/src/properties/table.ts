/** Table 2-4 of MQTT 5.0 as data: what each property is, and on which packets of which direction it may stand. */
import type { Properties } from '../packets.ts'

/** Each packet that bears properties has two bits: from the client, from the server. */
const packet = {
  connect: 0b11,
  will: 0b11 << 2,
  connack: 0b11 << 4,
  publish: 0b11 << 6,
  acknowledgement: 0b11 << 8,
  subscribe: 0b11 << 10,
  unsubscribe: 0b11 << 12,
  disconnect: 0b11 << 14,
  auth: 0b11 << 16,
} as const

export type PropertyBearer = keyof typeof packet

const fromClient = 0b01_01_01_01_01_01_01_01_01
const fromServer = 0b10_10_10_10_10_10_10_10_10

/** A bearer in one direction: what `scanProperties` asks the table for. */
export type PropertyPlace = number

export const propertyPlace = (bearer: PropertyBearer, sender: 'client' | 'server'): PropertyPlace =>
  packet[bearer] & (sender === 'client' ? fromClient : fromServer)

type Kind = 'flag' | 'byte' | 'uint16' | 'uint32' | 'identifiers' | 'text' | 'bytes' | 'pairs'

type KindOf<Value> = Value extends boolean
  ? 'flag'
  : Value extends 0 | 1
    ? 'byte'
    : Value extends number
      ? 'uint16' | 'uint32'
      : Value extends string
        ? 'text'
        : Value extends Uint8Array
          ? 'bytes'
          : Value extends readonly number[]
            ? 'identifiers'
            : 'pairs'

export type PropertyName = keyof Properties

interface PropertyDefinition<Of extends Kind> {
  readonly id: number
  readonly kind: Of
  /** The packets' bits. */
  readonly on: number
  /** The least legal value: 0 unless said. */
  readonly minimum?: number
}

const { connect, will, connack, publish, acknowledgement, subscribe, disconnect, auth } = packet
const message = publish | will
const onEvery = 0x3ffff

export const propertyDefinitions = {
  payloadFormatIndicator: { id: 0x01, kind: 'byte', on: message },
  messageExpiryInterval: { id: 0x02, kind: 'uint32', on: message },
  contentType: { id: 0x03, kind: 'text', on: message },
  responseTopic: { id: 0x08, kind: 'text', on: message },
  correlationData: { id: 0x09, kind: 'bytes', on: message },
  // From a client on SUBSCRIBE alone [MQTT-3.3.4-6].
  subscriptionIdentifiers: { id: 0x0b, kind: 'identifiers', on: (publish & fromServer) | subscribe, minimum: 1 },
  // A server must not send it on DISCONNECT [MQTT-3.14.2-2].
  sessionExpiryInterval: { id: 0x11, kind: 'uint32', on: connect | connack | (disconnect & fromClient) },
  assignedClientIdentifier: { id: 0x12, kind: 'text', on: connack },
  serverKeepAlive: { id: 0x13, kind: 'uint16', on: connack },
  authenticationMethod: { id: 0x15, kind: 'text', on: connect | connack | auth },
  authenticationData: { id: 0x16, kind: 'bytes', on: connect | connack | auth },
  requestProblemInformation: { id: 0x17, kind: 'flag', on: connect },
  willDelayInterval: { id: 0x18, kind: 'uint32', on: will },
  requestResponseInformation: { id: 0x19, kind: 'flag', on: connect },
  responseInformation: { id: 0x1a, kind: 'text', on: connack },
  serverReference: { id: 0x1c, kind: 'text', on: connack | (disconnect & fromServer) },
  reasonString: { id: 0x1f, kind: 'text', on: connack | acknowledgement | disconnect | auth },
  receiveMaximum: { id: 0x21, kind: 'uint16', on: connect | connack, minimum: 1 },
  topicAliasMaximum: { id: 0x22, kind: 'uint16', on: connect | connack },
  topicAlias: { id: 0x23, kind: 'uint16', on: publish, minimum: 1 },
  maximumQoS: { id: 0x24, kind: 'byte', on: connack },
  retainAvailable: { id: 0x25, kind: 'flag', on: connack },
  userProperties: { id: 0x26, kind: 'pairs', on: onEvery },
  maximumPacketSize: { id: 0x27, kind: 'uint32', on: connect | connack, minimum: 1 },
  wildcardSubscriptionAvailable: { id: 0x28, kind: 'flag', on: connack },
  subscriptionIdentifiersAvailable: { id: 0x29, kind: 'flag', on: connack },
  sharedSubscriptionAvailable: { id: 0x2a, kind: 'flag', on: connack },
} as const satisfies { [Name in PropertyName]-?: PropertyDefinition<KindOf<Required<Properties>[Name]>> }

export const propertyId = {
  messageExpiryInterval: propertyDefinitions.messageExpiryInterval.id,
  responseTopic: propertyDefinitions.responseTopic.id,
  subscriptionIdentifier: propertyDefinitions.subscriptionIdentifiers.id,
  topicAlias: propertyDefinitions.topicAlias.id,
  userProperty: propertyDefinitions.userProperties.id,
} as const

/** The definitions by id, for the scanner: flat arrays instead of objects. 0 on `placesOf` means an unknown id. */
export const propertyIdMax = 0x2a
export const wireKind = { byte: 1, uint16: 2, uint32: 3, integer: 4, text: 5, bytes: 6, pair: 7 } as const

const wireKindOf = {
  flag: wireKind.byte,
  byte: wireKind.byte,
  uint16: wireKind.uint16,
  uint32: wireKind.uint32,
  identifiers: wireKind.integer,
  text: wireKind.text,
  bytes: wireKind.bytes,
  pairs: wireKind.pair,
} as const satisfies Record<Kind, number>

export const placesOf = new Uint32Array(propertyIdMax + 1)
export const wireKindById = new Uint8Array(propertyIdMax + 1)
export const minimumById = new Uint8Array(propertyIdMax + 1)
const nameById: string[] = []

export const propertyEntries = Object.entries(propertyDefinitions) as readonly [
  PropertyName,
  PropertyDefinition<Kind>,
][]

for (const [name, { id, kind, on, minimum }] of propertyEntries) {
  placesOf[id] = on
  wireKindById[id] = wireKindOf[kind]
  minimumById[id] = minimum ?? 0
  nameById[id] = name
}

export const propertyName = (id: number): string => nameById[id] ?? `property 0x${id.toString(16).padStart(2, '0')}`

/** Whether the property may stand on this packet at least when the other side sends it. */
export const belongsToPacket = (id: number, place: PropertyPlace): boolean => {
  const bothDirections = place | ((place & fromClient) << 1) | ((place & fromServer) >>> 1)
  return ((placesOf[id] ?? 0) & bothDirections) !== 0
}

export const isOnPublish = (place: PropertyPlace): boolean => (place & packet.publish) !== 0
