/** MQTT 3.1.1 packets as bytes, written here anew so that a mistake of the project's codec cannot hide itself. */
import type { Qos } from './job.ts'

export const packetType = {
  connack: 0x20,
  publish: 0x30,
  puback: 0x40,
  pubrec: 0x50,
  pubrel: 0x60,
  pubcomp: 0x70,
  suback: 0x90,
} as const

const reserved = 0b0010

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

export function connectPacket(clientId: string, cleanSession: boolean): Buffer {
  const keepAliveSeconds = Buffer.of(0, 0)
  return packet(0x10, string('MQTT'), Buffer.of(4, cleanSession ? 2 : 0), keepAliveSeconds, string(clientId))
}

export const subscribePacket = (filter: string, qos: Qos): Buffer =>
  packet(0x80 | reserved, Buffer.of(0, 1), string(filter), Buffer.of(qos))

export function publishPacket(topic: string, qos: Qos, packetId: number, payload: Buffer): Buffer {
  const id = qos === 0 ? Buffer.alloc(0) : Buffer.of(packetId >> 8, packetId & 0xff)
  return packet(packetType.publish | (qos << 1), string(topic), id, payload)
}

/** PUBACK, PUBREC, PUBREL or PUBCOMP. */
export const acknowledgement = (type: number, packetId: number): Buffer =>
  Buffer.of(type === packetType.pubrel ? type | reserved : type, 2, packetId >> 8, packetId & 0xff)

export const disconnectPacket = Buffer.of(0xe0, 0)
