/** The durable log of one host: composes a lane's parts into the port. */
import { join } from 'node:path'
import {
  type CommittedBatch,
  type Cursor,
  type FilterSpan,
  type LogId,
  type LogStatus,
  type MessageLog,
  type Partition,
  type PartitionRange,
  type Position,
  partition,
  position,
  type RecordBatch,
} from '@hawser/engine'
import { type Clock, type HawserError, type Random, systemRandom } from '@hawser/std'
import { CommitPipeline, closedError } from './commit-pipeline.ts'
import { Committer } from './committer.ts'
import { dictionaryName } from './dictionary-format.ts'
import type { FilePortModule } from './file-port-module.ts'
import { nodeFiles } from './files.ts'
import { openingError, prepareFolder, probeDisk } from './folder.ts'
import { segmentHeaderBytes } from './format.ts'
import { GatherBuffer } from './gather-buffer.ts'
import { indexBlockBytes } from './index-block.ts'
import { Indexer } from './indexer.ts'
import { goneError, LaneReader } from './lane-reader.ts'
import { bytesOfLogId, openMeta } from './meta.ts'
import { type RecoveryNote, recoverLane } from './recovery.ts'
import { Retention, type RetentionLimits } from './retention.ts'
import { SegmentIndexes } from './segment-indexes.ts'
import { Segment, Segments } from './segments.ts'
import { openSidecars } from './sidecars.ts'
import { TopicDictionary } from './topic-dictionary.ts'

export interface LocalLogOptions {
  readonly folder: string
  readonly clock: Clock
  /** Names a new log. */
  readonly random?: Random
  /** The lane that this process owns; whoever opens it holds its lock. */
  readonly lane?: number
  readonly segmentBytes?: number
  readonly retention?: RetentionLimits
  /** How much may wait for the disk; publishers should be paused at half of it. At most 128 MiB. */
  readonly pendingBytesMax?: number
  /** How much of what was committed last is read from memory. */
  readonly recentBytesMax?: number
  readonly recordBytesMax?: number
  /** How many topics' names the dictionary holds; others are found by way of each block. About 100 bytes of RAM each. */
  readonly topicsMax?: number
  /** Faults of work in the background, which lose nothing: indexing or deleting that is tried again later. */
  readonly onFault?: (error: HawserError) => void
  /** Another way to the files for the worker threads. */
  readonly files?: FilePortModule | undefined
}

export interface LocalLog extends MessageLog {
  /** What opening it had to cut off or found damaged. */
  readonly recovery: readonly RecoveryNote[]
  /** Waiting for the disk. */
  readonly pendingBytes: number
  /** Resolves when all that can be indexed now is. */
  indexed(): Promise<void>
}

const mebibyte = 1 << 20
const pendingBytesLimit = 128 * mebibyte
const hourMs = 3_600_000
const defaults = {
  lane: 0,
  segmentBytes: 64 * mebibyte,
  retention: { bytes: 10_240 * mebibyte, ms: 24 * hourMs },
  pendingBytesMax: 16 * mebibyte,
  recentBytesMax: 16 * mebibyte,
  recordBytesMax: 8 * mebibyte,
  topicsMax: 100_000,
} as const

export async function openLocalLog(options: LocalLogOptions): Promise<LocalLog> {
  const given = { ...defaults, ...options }
  if (given.pendingBytesMax > pendingBytesLimit || given.recordBytesMax * 2 > given.pendingBytesMax) {
    throw new RangeError('pendingBytesMax is at most 128 MiB and at least twice recordBytesMax')
  }
  try {
    const folder = await prepareFolder(given.folder, given.lane)
    const id = await openMeta(given.folder, given.random ?? systemRandom)
    return await openLane({ ...given, onFault: given.onFault ?? (() => undefined) }, folder, id)
  } catch (error) {
    throw openingError(given.folder, error)
  }
}

type Given = Required<Omit<LocalLogOptions, 'random' | 'files'>> & Pick<LocalLogOptions, 'files'>

async function openLane(given: Given, folder: string, id: LogId): Promise<LocalLog> {
  const { clock, lane, segmentBytes, topicsMax, recordBytesMax, onFault, files } = given
  probeDisk(folder)
  const logId = bytesOfLogId(id)
  const { segments: recovered, nextBase: base, epoch, notes } = recoverLane(nodeFiles, folder, lane, logId)
  const active = new Segment(folder, { base, end: base, dataEnd: segmentHeaderBytes, lastMicros: 0 }, false)
  const segments = new Segments(folder, [...recovered, active])
  const dictionaryPath = join(folder, dictionaryName)
  const dictionaryBytes = openSidecars(nodeFiles, folder, recovered, base, topicsMax)
  const gathered = new GatherBuffer({ ...given, base, onPending: () => pipeline.schedule() })
  const committer = new Committer({
    gathered: gathered.shared,
    writer: { folder, lane, epoch, logId, segmentBytes, base },
    startedMicros: clock.wallMicros(),
    files,
  })
  const background = { segments, clock, onFault }
  const indexer = new Indexer({ ...background, files, dictionaryPath, dictionaryBytes, topicsMax, recordBytesMax })
  const retention = new Retention({ ...background, ...given.retention })
  const onCommitted = (hasNewSegment: boolean): void => {
    if (hasNewSegment || segments.active.dataEnd - segments.active.indexedEnd >= indexBlockBytes) indexer.wake()
    if (hasNewSegment) retention.sweep()
  }
  const own = partition(lane)
  const pipeline = new CommitPipeline({ partition: own, gathered, committer, segments, clock, onCommitted })
  const reader = new LaneReader({
    partition: own,
    segments,
    gathered,
    indexes: new SegmentIndexes(indexer.wake),
    dictionary: new TopicDictionary(dictionaryPath),
    checkOpen() {
      if (pipeline.isClosed) throw closedError()
    },
  })
  indexer.wake()
  return new LaneLog({ id, own, recovery: notes, segments, gathered, pipeline, indexer, retention, reader })
}

interface Parts {
  readonly id: LogId
  readonly own: Partition
  readonly recovery: readonly RecoveryNote[]
  readonly segments: Segments
  readonly gathered: GatherBuffer
  readonly pipeline: CommitPipeline
  readonly indexer: Indexer
  readonly retention: Retention
  readonly reader: LaneReader
}

class LaneLog implements LocalLog {
  readonly id: LogId
  readonly own: Partition
  readonly recovery: readonly RecoveryNote[]
  readonly recordBytesMax: number
  readonly buffer: Buffer
  readonly #gathered: GatherBuffer
  readonly #parts: Parts
  #closing: Promise<void> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#gathered = parts.gathered
    this.id = parts.id
    this.own = parts.own
    this.recovery = parts.recovery
    this.buffer = parts.gathered.buffer
    this.recordBytesMax = parts.gathered.recordBytesMax
  }

  get status(): LogStatus {
    return this.#parts.pipeline.status
  }
  get lastTicket(): number {
    return this.#gathered.lastTicket
  }
  get congested(): boolean {
    return this.#gathered.congested
  }
  get pendingBytes(): number {
    return this.#gathered.pendingBytes
  }

  reserve(kind: number, flags: number, topicBytes: number, bodyBytes: number): number {
    return this.#gathered.reserve(kind, flags, topicBytes, bodyBytes)
  }

  onCommit(listener: (batch: CommittedBatch) => void): Disposable {
    return this.#parts.pipeline.onCommit(listener)
  }

  onStatus(listener: (status: LogStatus) => void): Disposable {
    return this.#parts.pipeline.onStatus(listener)
  }

  partitions(): readonly PartitionRange[] {
    const { start, end, bytes } = this.#parts.segments
    return [{ partition: this.own, start: position(start), end: position(end), bytes }]
  }

  async *read(of: Partition, from: Position, signal?: AbortSignal): AsyncGenerator<RecordBatch> {
    this.#checkPartition(of, from)
    yield* this.#parts.reader.read(from, signal)
  }

  async *find(
    of: Partition,
    from: Position,
    spans: readonly FilterSpan[],
    signal?: AbortSignal,
  ): AsyncGenerator<RecordBatch> {
    this.#checkPartition(of, from)
    yield* this.#parts.reader.find(from, spans, signal)
  }

  setFloor(floor: Cursor): void {
    const own = floor.get(this.own)
    if (own !== undefined) this.#parts.retention.setFloor(own)
  }

  indexed(): Promise<void> {
    return this.#parts.indexer.settled()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { pipeline, indexer, retention } = this.#parts
    await pipeline.close()
    await Promise.all([indexer.close(), retention.close()])
  }

  #checkPartition(of: Partition, from: Position): void {
    if (of !== this.own) throw goneError(of, from, 0)
  }
}
