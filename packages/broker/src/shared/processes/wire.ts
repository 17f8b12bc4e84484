/**
 * What processes tell each other of each share at QoS 1 and 2 (little endian):
 *
 *   u8 version, u8 kind, u32 member, u16 partition, f64 position
 */
import type { Partition, Position } from '@hawser/engine'
import { wireVersion } from '../../cluster/encoding.ts'
import type { Place } from '../places.ts'

export const channels = { members: 'share-members', places: 'share-places' } as const

/** `handOver` goes to the member's process, all others come from there. */
export const placeKind = { handOver: 0, completed: 1, taken: 2, returned: 3, refused: 4, full: 5 } as const
export type PlaceKind = (typeof placeKind)[keyof typeof placeKind]

export interface PlaceMessage {
  readonly kind: PlaceKind
  /** By the number that its process has given it. */
  readonly member: number
  readonly place: Place
}

const placeBytes = 16

export function encodePlace(kind: PlaceKind, member: number, { partition, position }: Place): Buffer {
  const bytes = Buffer.allocUnsafe(placeBytes)
  bytes[0] = wireVersion
  bytes[1] = kind
  bytes.writeUInt32LE(member, 2)
  bytes.writeUInt16LE(partition, 6)
  bytes.writeDoubleLE(position, 8)
  return bytes
}

/** Of another version: undefined. */
export function decodePlace(bytes: Buffer): PlaceMessage | undefined {
  if (bytes[0] !== wireVersion) return undefined
  const place = { partition: bytes.readUInt16LE(6) as Partition, position: bytes.readDoubleLE(8) as Position }
  return { kind: bytes[1] as PlaceKind, member: bytes.readUInt32LE(2), place }
}
