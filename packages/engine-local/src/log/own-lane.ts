/** The lane that this process appends to: its parts, composed. */
import { join } from 'node:path'
import { type CommitListeners, type LogId, partition, type RetentionLimits } from '@hawser/engine'
import type { Clock, HawserError } from '@hawser/std'
import { CommitPipeline, closedError } from './commit-pipeline.ts'
import { Committer } from './committer.ts'
import { dictionaryName } from './dictionary-format.ts'
import type { FilePortModule } from './file-port-module.ts'
import { nodeFiles } from './files.ts'
import { probeDisk } from './folder.ts'
import { segmentHeaderBytes } from './format.ts'
import { GatherBuffer } from './gather-buffer.ts'
import { indexBlockBytes } from './index-block.ts'
import { Indexer } from './indexer.ts'
import { LaneReader } from './lane-reader.ts'
import { bytesOfLogId } from './meta.ts'
import { type RecoveryNote, recoverLane } from './recovery.ts'
import { Retention } from './retention.ts'
import { SegmentIndexes } from './segment-indexes.ts'
import { Segment, Segments } from './segments.ts'
import { openSidecars } from './sidecars.ts'
import { TopicDictionary } from './topic-dictionary.ts'

export interface OwnLaneOptions {
  readonly lane: number
  readonly clock: Clock
  readonly segmentBytes: number
  readonly retention: RetentionLimits
  readonly pendingBytesMax: number
  readonly recentBytesMax: number
  readonly recordBytesMax: number
  readonly topicsMax: number
  readonly listeners: CommitListeners
  /** Called when a batch has been committed and handed over. */
  readonly onGrown: () => void
  readonly onFault: (error: HawserError) => void
  readonly files?: FilePortModule | undefined
}

export interface OwnLane extends AsyncDisposable {
  readonly recovery: readonly RecoveryNote[]
  readonly segments: Segments
  readonly gathered: GatherBuffer
  readonly pipeline: CommitPipeline
  readonly indexer: Indexer
  readonly retention: Retention
  readonly reader: LaneReader
  readonly checkOpen: () => void
}

/** `folder` is the lane's. */
export function openOwnLane(options: OwnLaneOptions, folder: string, id: LogId): OwnLane {
  const { clock, lane, segmentBytes, topicsMax, recordBytesMax, listeners, onFault, files } = options
  probeDisk(folder)
  const logId = bytesOfLogId(id)
  const { segments: recovered, nextBase: base, epoch, notes } = recoverLane(nodeFiles, folder, lane, logId)
  const active = new Segment(folder, { base, end: base, dataEnd: segmentHeaderBytes, lastMicros: 0 }, false)
  const segments = new Segments(folder, [...recovered, active])
  const dictionaryPath = join(folder, dictionaryName)
  const dictionaryBytes = openSidecars(nodeFiles, folder, recovered, base, topicsMax)
  const gathered = new GatherBuffer({ ...options, base, onPending: () => pipeline.schedule() })
  const committer = new Committer({
    gathered: gathered.shared,
    writer: { folder, lane, epoch, logId, segmentBytes, base },
    startedMicros: clock.wallMicros(),
    files,
  })
  const background = { segments, clock, onFault }
  const indexer = new Indexer({ ...background, files, dictionaryPath, dictionaryBytes, topicsMax, recordBytesMax })
  const retention = new Retention({ ...background, ...options.retention })
  const onCommitted = (hasNewSegment: boolean): void => {
    if (hasNewSegment || segments.active.dataEnd - segments.active.indexedEnd >= indexBlockBytes) indexer.wake()
    if (hasNewSegment) retention.sweep()
    options.onGrown()
  }
  const own = partition(lane)
  const pipeline = new CommitPipeline({ partition: own, gathered, committer, segments, clock, listeners, onCommitted })
  const checkOpen = (): void => {
    if (pipeline.isClosed) throw closedError()
  }
  const reader = new LaneReader({
    partition: own,
    segments,
    gathered,
    indexes: new SegmentIndexes(indexer.wake),
    dictionary: new TopicDictionary(dictionaryPath),
    mayBeGone: (segment) => segment.base < segments.start,
    checkOpen,
  })
  indexer.wake()
  const close = async (): Promise<void> => {
    await pipeline.close()
    await Promise.all([indexer.close(), retention.close()])
  }
  const parts = { recovery: notes, segments, gathered, pipeline, indexer, retention, reader, checkOpen }
  return { ...parts, [Symbol.asyncDispose]: close }
}
