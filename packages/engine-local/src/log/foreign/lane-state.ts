/**
 * What processes tell each other of a lane: how far it is durable. Little endian:
 *
 *   u8 kind · u16 lane · f64 oldest position · u32 count · count × {f64 base, f64 end, f64 file offset of the end}
 *
 * `whole` names every segment of a lane that has an owner, `inherited` too, who has not taken over yet what its
 * predecessor left; `grown` those that have changed since the lane was last told of. `left` names what can be relied on
 * of a lane whose owner is gone, `ended` all of it, recovered; `taken over` is an `ended` one that waits for nobody.
 */
import { type Partition, partition } from '@hawser/engine'
import type { SegmentExtent } from '../segments.ts'

export const laneStateKinds = ['whole', 'inherited', 'grown', 'left', 'ended', 'taken over'] as const
export type LaneStateKind = (typeof laneStateKinds)[number]

export type Extent = Omit<SegmentExtent, 'lastMicros'>

export interface LaneState {
  readonly kind: LaneStateKind
  readonly lane: Partition
  /** The oldest position that its files hold. */
  readonly start: number
  /** In order. */
  readonly extents: readonly Extent[]
}

const headBytes = 15
const extentBytes = 24

export function encodeLaneState({ kind, lane, start, extents }: LaneState): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes + extents.length * extentBytes)
  bytes.writeUInt8(laneStateKinds.indexOf(kind))
  bytes.writeUInt16LE(lane, 1)
  bytes.writeDoubleLE(start, 3)
  bytes.writeUInt32LE(extents.length, 11)
  let at = headBytes
  for (const { base, end, dataEnd } of extents) {
    for (const value of [base, end, dataEnd]) at = bytes.writeDoubleLE(value, at)
  }
  return bytes
}

/** Undefined for bytes that are none. */
export function decodeLaneState(bytes: Buffer): LaneState | undefined {
  if (bytes.length < headBytes) return undefined
  const kind = laneStateKinds[bytes.readUInt8()]
  const count = bytes.readUInt32LE(11)
  if (kind === undefined || bytes.length !== headBytes + count * extentBytes) return undefined
  const extents = Array.from({ length: count }, (_, index) => {
    const at = headBytes + index * extentBytes
    return { base: bytes.readDoubleLE(at), end: bytes.readDoubleLE(at + 8), dataEnd: bytes.readDoubleLE(at + 16) }
  })
  return { kind, lane: partition(bytes.readUInt16LE(1)), start: bytes.readDoubleLE(3), extents }
}
