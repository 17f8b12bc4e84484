/**
 * Records of a segment as a batch in memory of its own, which is spoilt when the loan ends: whoever looks at it
 * later shall notice.
 */
import type { CommittedBatch, Partition } from '../log.ts'
import type { Segment } from './lane.ts'

const spoilt = 0xdb

export interface LentBatch extends Disposable {
  readonly batch: CommittedBatch
}

/** `ordinals`: of the records of the segment that are lent, in order. */
export function lend(
  partition: Partition,
  segment: Segment,
  ordinals: readonly number[],
  firstTicket: number,
): LentBatch {
  const bytes = Buffer.from(segment.bytes)
  const batch = {
    partition,
    bytes,
    count: ordinals.length,
    offsets: Uint32Array.from(ordinals, (ordinal) => segment.offsets[ordinal] ?? 0),
    positions: Float64Array.from(ordinals, (ordinal) => segment.firstPosition + ordinal),
    firstTicket,
  }
  return { batch, [Symbol.dispose]: () => void bytes.fill(spoilt) }
}

export const ordinalsBetween = (segment: Segment, from: number, until: number): number[] => {
  const first = Math.max(0, from - segment.firstPosition)
  const end = Math.min(segment.count, until - segment.firstPosition)
  return Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index)
}
