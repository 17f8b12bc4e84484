/** Packets on their way between peer and broker, for faults to change. */
import { variable } from '../peer/bytes.ts'
import type { Version } from '../statements/statement.ts'
import type { Breaks, Fault } from './fault.ts'

export const type = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const
type Type = (typeof type)[keyof typeof type]

const firstOf = (packet: Buffer): number => packet[0] ?? 0
export const typeOf = (packet: Buffer): number => firstOf(packet) >> 4
export const qosOf = (packet: Buffer): number => (firstOf(packet) >> 1) & 3
export const isDuplicate = (packet: Buffer): boolean => (firstOf(packet) & 8) !== 0

/** The body behind the fixed header. */
export function bodyOf(packet: Buffer): Buffer {
  let at = 1
  while ((packet[at] ?? 0) > 0x7f) at++
  return packet.subarray(at + 1)
}

export const packetOf = (first: number, ...body: readonly Uint8Array[]): Buffer => {
  const bytes = Buffer.concat(body)
  return Buffer.concat([Buffer.of(first), variable(bytes.length), bytes])
}

/** Where the packet identifier of a PUBLISH at QoS 1 or 2 stands in its body. */
export const packetIdAt = (body: Buffer): number => 2 + body.readUInt16BE(0)

/** The packet with one byte of its body changed; an index below 0 counts from the end. */
export function withByte(packet: Buffer, index: number, change: (byte: number) => number): Buffer {
  const copy = Buffer.from(packet)
  const body = bodyOf(copy)
  const at = index < 0 ? body.length + index : index
  body[at] = change(body[at] ?? 0)
  return copy
}

type Change = (packet: Buffer) => readonly Buffer[]

export const fromServer = (of: Type, change: Change) => (): Breaks => ({
  fromServer: (packet) => (typeOf(packet) === of ? change(packet) : [packet]),
})

export const fromClient = (of: Type, change: Change) => (): Breaks => ({
  fromClient: (packet) => (typeOf(packet) === of ? change(packet) : [packet]),
})

/** Holds every second packet of a type back until the next has gone before it. */
export const swapped = (of: Type) => (): Breaks => {
  let held: Buffer | undefined
  return {
    fromServer(packet) {
      if (typeOf(packet) !== of) return [packet]
      if (held === undefined) {
        held = packet
        return []
      }
      const both = [packet, held]
      held = undefined
      return both
    },
  }
}

export const lost: Change = () => []

/** The same fault under the ids that the statement has. */
export function faultIn(name: string, ids: Partial<Record<Version, string>>, breaks: Fault['breaks']): Fault[] {
  return Object.entries(ids).map(([version, id]) => ({
    name: `${name} (${version})`,
    version: version as Version,
    id: `MQTT-${id}`,
    breaks,
  }))
}
