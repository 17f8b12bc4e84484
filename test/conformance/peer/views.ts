/** The fields of each packet that a server sends. */
import { BodyReader, type Received, type ReceivedProperties } from './received.ts'

export interface Connack {
  readonly acknowledgeFlags: number
  readonly sessionPresent: boolean
  /** The reason code; in 3.1.1 the return code. */
  readonly code: number
  readonly properties: ReceivedProperties
}

export function connackOf(packet: Received): Connack {
  const reader = body(packet, 'CONNACK')
  const acknowledgeFlags = reader.u8()
  const code = reader.u8()
  const properties = packet.version === 'v5' ? reader.properties() : []
  return ended(reader, { acknowledgeFlags, sessionPresent: (acknowledgeFlags & 1) === 1, code, properties })
}

export interface Publish {
  readonly duplicate: boolean
  readonly qos: number
  readonly retain: boolean
  readonly topic: string
  /** 0 where QoS is 0. */
  readonly packetId: number
  readonly properties: ReceivedProperties
  readonly payload: string
}

export function publishOf(packet: Received): Publish {
  const reader = body(packet, 'PUBLISH')
  const qos = (packet.flags >> 1) & 3
  return {
    duplicate: (packet.flags & 8) !== 0,
    qos,
    retain: (packet.flags & 1) !== 0,
    topic: reader.text(),
    packetId: qos > 0 ? reader.u16() : 0,
    properties: packet.version === 'v5' ? reader.properties() : [],
    payload: reader.rest().toString(),
  }
}

export interface Acknowledgement {
  readonly packetId: number
  readonly code: number
  readonly properties: ReceivedProperties
}

const acknowledgementNames = ['PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP'] as const

/** The short forms of 5.0 mean success, or no properties. */
export function acknowledgementOf(packet: Received): Acknowledgement {
  const reader = body(packet, ...acknowledgementNames)
  const packetId = reader.u16()
  const code = packet.version === 'v5' && reader.left > 0 ? reader.u8() : 0
  const properties = packet.version === 'v5' && reader.left > 0 ? reader.properties() : []
  return ended(reader, { packetId, code, properties })
}

export interface SubscriptionAnswer {
  readonly packetId: number
  readonly codes: readonly number[]
  readonly properties: ReceivedProperties
}

/** SUBACK and UNSUBACK; the latter has no codes in 3.1.1. */
export function subscriptionAnswerOf(packet: Received): SubscriptionAnswer {
  const reader = body(packet, 'SUBACK', 'UNSUBACK')
  const packetId = reader.u16()
  const properties = packet.version === 'v5' ? reader.properties() : []
  return { packetId, properties, codes: [...reader.rest()] }
}

export interface Disconnect {
  readonly code: number
  readonly properties: ReceivedProperties
}

/** DISCONNECT and AUTH of a 5.0 server. */
export function disconnectOf(packet: Received): Disconnect {
  const reader = body(packet, 'DISCONNECT', 'AUTH')
  const code = reader.left > 0 ? reader.u8() : 0
  const properties = reader.left > 0 ? reader.properties() : []
  return ended(reader, { code, properties })
}

function body(packet: Received, ...names: readonly Received['name'][]): BodyReader {
  if (!names.includes(packet.name)) throw new Error(`${packet} instead of ${names.join(' or ')}`)
  return new BodyReader(packet.body)
}

function ended<View>(reader: BodyReader, view: View): View {
  if (reader.left > 0) throw new Error(`${reader.left} bytes too many: ${JSON.stringify(view)}`)
  return view
}
