/** Packets of MQTT 3.1.1 and 5.0 as bytes, written here anew so that a mistake of the project's codec cannot hide itself. */
import type { Qos } from '../job.ts'

export type Version = 4 | 5

export const packetType = {
  connack: 0x20,
  publish: 0x30,
  puback: 0x40,
  pubrec: 0x50,
  pubrel: 0x60,
  pubcomp: 0x70,
  suback: 0x90,
  disconnect: 0xe0,
} as const

const reserved = 0b0010
const sessionExpiryInterval = 0x11
/** An hour: long enough for a run, and nothing stays for ever at somebody's broker. */
const sessionExpirySeconds = 3600

function string(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes])
}

function packet(first: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length: number[] = []
  let rest = body.length
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>= 7
  } while (rest > 0)
  return Buffer.concat([Buffer.of(first, ...length), body])
}

const nothing = Buffer.alloc(0)
const noProperties = (version: Version): Buffer => (version === 5 ? Buffer.of(0) : nothing)

export interface ConnectFields {
  readonly clientId: string
  readonly version: Version
  /** The session outlives its connection. */
  readonly isPersistent: boolean
  readonly username?: string
  readonly password?: string
}

export function connectPacket({ clientId, version, isPersistent, username, password }: ConnectFields): Buffer {
  const isClean = version === 5 || !isPersistent
  const flags = (isClean ? 0x02 : 0) | (username === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40)
  const keepAliveSeconds = Buffer.of(0, 0)
  const expiry = Buffer.of(5, sessionExpiryInterval, 0, 0, sessionExpirySeconds >> 8, sessionExpirySeconds & 0xff)
  const properties = version === 5 && isPersistent ? expiry : noProperties(version)
  const head = [string('MQTT'), Buffer.of(version, flags), keepAliveSeconds, properties]
  return packet(0x10, ...head, ...[clientId, username, password].filter((text) => text !== undefined).map(string))
}

export const subscribePacket = (filter: string, qos: Qos, version: Version): Buffer =>
  packet(0x80 | reserved, Buffer.of(0, 1), noProperties(version), string(filter), Buffer.of(qos))

export interface PublishFields {
  readonly topic: string
  readonly qos: Qos
  /** Of no meaning at QoS 0. */
  readonly packetId: number
  readonly payload: Buffer
  readonly version: Version
  readonly isRetained?: boolean
}

export function publishPacket({ topic, qos, packetId, payload, version, isRetained }: PublishFields): Buffer {
  const id = qos === 0 ? nothing : Buffer.of(packetId >> 8, packetId & 0xff)
  const first = packetType.publish | (qos << 1) | (isRetained === true ? 1 : 0)
  return packet(first, string(topic), id, noProperties(version), payload)
}

/** PUBACK, PUBREC, PUBREL or PUBCOMP. */
export const acknowledgement = (type: number, packetId: number): Buffer =>
  Buffer.of(type === packetType.pubrel ? type | reserved : type, 2, packetId >> 8, packetId & 0xff)

export const disconnectPacket = Buffer.of(packetType.disconnect, 0)

const receiveMaximumId = 0x21
/** Bytes of a property's value by its identifier, of those that a CONNACK bears; a string says its own. */
const fixedBytes: Readonly<Record<number, number>> = {
  17: 4,
  19: 2,
  33: 2,
  34: 2,
  36: 1,
  37: 1,
  39: 4,
  40: 1,
  41: 1,
  42: 1,
}
const userProperty = 0x26

/** How many publishes a server takes unanswered, of the CONNACK of MQTT 5 whose body starts at `body`. */
export function receiveMaximumOf(bytes: Buffer, body: number, end: number): number {
  let at = body + 3
  if ((bytes[body + 2] as number) > 0x7f) at++
  while (at < end) {
    const id = bytes[at++] as number
    if (id === receiveMaximumId) return bytes.readUInt16BE(at)
    const strings = id === userProperty ? 2 : 1
    const fixed = fixedBytes[id]
    if (fixed !== undefined) at += fixed
    else for (let left = strings; left > 0; left--) at += 2 + bytes.readUInt16BE(at)
  }
  return 65_535
}
