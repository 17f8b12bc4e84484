/**
 * A lane's folder as whoever does not own it may see it: what was closed in good order, and nothing of a last segment
 * that was not, since its end may stand in the page cache alone. Changes nothing.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type LogId, type Partition, partition } from '@hawser/engine'
import { nodeFiles } from '../files.ts'
import { laneFolderName, laneOfFolder, segmentHeaderBytes } from '../format.ts'
import { bytesOfLogId } from '../meta.ts'
import { findSegments, type RecoveredLane, readSeal, recoverSegment } from '../recovery.ts'
import type { Segment } from '../segments.ts'
import type { Extent, LaneState } from './lane-state.ts'
import { readTakenOver } from './taken-over.ts'

/** The lanes that have a folder in the log's. */
export const lanesOnDisk = (folder: string): readonly Partition[] =>
  readdirSync(folder).flatMap((name) => {
    const lane = laneOfFolder(name)
    return lane === undefined ? [] : [partition(lane)]
  })

export function surveyLane(folder: string, lane: Partition, id: LogId): LaneState {
  const laneFolder = join(folder, laneFolderName(lane))
  const found = findSegments(nodeFiles, laneFolder, lane, bytesOfLogId(id))
  const segments: Segment[] = []
  let nextBase = 0
  let isClosed = true
  for (const [index, segment] of found.entries()) {
    const after = found[index + 1]
    const known =
      after === undefined
        ? readSeal(nodeFiles, laneFolder, segment)
        : recoverSegment(nodeFiles, laneFolder, segment, after.base, [])
    if (known !== undefined) segments.push(known.segment)
    nextBase = known?.nextBase ?? segment.base
    isClosed = known !== undefined
  }
  const state = stateOf(lane, isClosed ? 'ended' : 'left', { segments, nextBase })
  const isTakenOver = isClosed && readTakenOver(laneFolder) === nextBase
  return isTakenOver ? { ...state, kind: 'taken over' } : state
}

/** What a lane that nobody writes has come to: positions go on at `nextBase`. */
export function stateOf(
  lane: Partition,
  kind: LaneState['kind'],
  { segments, nextBase }: Pick<RecoveredLane, 'segments' | 'nextBase'>,
): LaneState {
  const extents: Extent[] = segments.map(({ base, end, dataEnd }) => ({ base, end, dataEnd }))
  if (extents.at(-1)?.base !== nextBase) extents.push({ base: nextBase, end: nextBase, dataEnd: segmentHeaderBytes })
  return { kind, lane, start: extents[0]?.base ?? nextBase, extents }
}
