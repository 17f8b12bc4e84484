/** The segments of a lane, each frame of them checked, and what of them is damaged or missing. */
import type { LogId, Partition } from '@hawser/engine'
import { nodeFiles } from '../log/files.ts'
import { segmentHeaderBytes, segmentName } from '../log/format.ts'
import { bytesOfLogId } from '../log/meta.ts'
import { type FoundSegment, findSegments, readSeal, scanSegment } from '../log/recovery.ts'

export interface CheckedSegment {
  readonly file: string
  readonly base: number
  /** One past the last position that is whole. */
  readonly end: number
  readonly bytes: number
  /** Closed in good order. */
  readonly sealed: boolean
  /** Wall time of its last commit, µs; 0 where it has none. */
  readonly lastMicros: number
  readonly damage: readonly SegmentDamage[]
  /** Behind the last whole frame: being written now, or cut off at the next start. Nobody was told that it is safe. */
  readonly unfinishedBytes: number
}

export interface SegmentDamage {
  readonly offset: number
  readonly what: string
}

export function checkSegments(laneFolder: string, lane: Partition, id: LogId): CheckedSegment[] {
  const found = findSegments(nodeFiles, laneFolder, lane, bytesOfLogId(id))
  const checked: CheckedSegment[] = []
  let expected: number | undefined
  for (const [index, segment] of found.entries()) {
    const sealed = readSeal(nodeFiles, laneFolder, segment)
    const one = checkSegment(segment, found[index + 1]?.base, sealed?.segment)
    const gap = expected !== undefined && expected < segment.base ? [missing(expected, segment.base)] : []
    checked.push({ ...one, damage: [...gap, ...one.damage] })
    // Only a seal says what must follow: one that was left after a failure is followed by whatever came next.
    expected = sealed?.nextBase
  }
  return checked
}

const missing = (from: number, next: number): SegmentDamage => ({
  offset: 0,
  what: `the segment before it is missing: positions ${from} to ${next - 1}`,
})

interface Extent {
  readonly end: number
  readonly dataEnd: number
}

function checkSegment(found: FoundSegment, nextBase: number | undefined, sealed: Extent | undefined): CheckedSegment {
  const { base, path, size, epoch } = found
  const common = { file: path, base, bytes: size, sealed: sealed !== undefined }
  if (size < segmentHeaderBytes) return { ...common, end: base, lastMicros: 0, damage: [], unfinishedBytes: size }
  const scan = scanSegment(
    nodeFiles,
    { path, size: sealed?.dataEnd ?? size, base },
    nextBase ?? Number.POSITIVE_INFINITY,
  )
  const damage: SegmentDamage[] = scan.damage.map(({ offset, from, next }) => ({
    offset,
    what: `positions ${from} to ${next - 1} cannot be read`,
  }))
  if (epoch === 0) damage.unshift({ offset: 0, what: `the header of ${segmentName(base)} is damaged` })
  if (sealed !== undefined && scan.end < sealed.end) {
    damage.push({ offset: scan.dataEnd, what: `positions ${scan.end} to ${sealed.end - 1} cannot be read` })
  }
  const { end, lastMicros } = scan
  const unfinishedBytes = sealed === undefined && nextBase === undefined ? unfinished(path, scan.dataEnd, size) : 0
  return { ...common, end: sealed?.end ?? end, lastMicros, damage, unfinishedBytes }
}

/** Without the zeroes by which a file grows in advance. */
function unfinished(path: string, from: number, to: number): number {
  const file = nodeFiles.open(path, 'read')
  try {
    const part = Buffer.alloc(1 << 20)
    let last = from
    for (let at = from; at < to; at += part.length) {
      const count = nodeFiles.read(file, part, 0, part.length, at)
      for (let index = count - 1; index >= 0; index--) {
        if (part[index] === 0) continue
        last = at + index + 1
        break
      }
    }
    return last - from
  } finally {
    nodeFiles.close(file)
  }
}
