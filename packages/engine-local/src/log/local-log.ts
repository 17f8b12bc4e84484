/** The durable log of one host: the lane of this process, and those of the others, as the port. */
import {
  CommitListeners,
  type CommittedBatch,
  type Cursor,
  type FilterSpan,
  goneError,
  type LogId,
  type LogStatus,
  type MessageLog,
  type Partition,
  type PartitionRange,
  type Position,
  partition,
  position,
  type RecordBatch,
  type RetentionLimits,
  recordKind,
} from '@hawser/engine'
import { type Clock, type HawserError, type Random, systemRandom } from '@hawser/std'
import type { FilePortModule } from './file-port-module.ts'
import { openingError, prepareFolder } from './folder.ts'
import { ForeignLanes } from './foreign/foreign-lanes.ts'
import { readTakenOver } from './foreign/taken-over.ts'
import type { GatherBuffer } from './gather-buffer.ts'
import type { LaneReader } from './lane-reader.ts'
import { openMeta } from './meta.ts'
import { type OwnLane, openOwnLane } from './own-lane.ts'
import type { RecoveryNote } from './recovery.ts'
import type { Segments } from './segments.ts'

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
  readonly folder: string
  /** Whether the own lane had an owner before, of whom nobody has taken over what was left. */
  readonly isOrphan: boolean
  /** Of the own lane. */
  readonly segments: Segments
  /** All other lanes. */
  readonly foreign: ForeignLanes
  /** Waiting for the disk. */
  readonly pendingBytes: number
  /** From now on `setFloor` is heard by `listener` alone, which asks the other processes before it trims. */
  onFloor(listener: (floor: Cursor) => void): void
  /** What no reader of any process needs any more, for the log to delete. */
  trim(floor: Position): void
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

type Given = Required<Omit<LocalLogOptions, 'random' | 'files'>> &
  Pick<LocalLogOptions, 'files'> & { readonly listeners: CommitListeners }

export async function openLocalLog(options: LocalLogOptions): Promise<LocalLog> {
  const given = { ...defaults, onFault: () => undefined, listeners: new CommitListeners(), ...options }
  if (given.pendingBytesMax > pendingBytesLimit || given.recordBytesMax * 2 > given.pendingBytesMax) {
    throw new RangeError('pendingBytesMax is at most 128 MiB and at least twice recordBytesMax')
  }
  try {
    const { path, isNew } = await prepareFolder(given.folder, given.lane)
    const id = await openMeta(given.folder, given.random ?? systemRandom)
    const lane = openOwnLane({ ...given, onGrown: () => log.foreign.ownCommitted() }, path, id)
    const isOrphan = !isNew && readTakenOver(path) !== lane.segments.end
    const log = new LaneLog(id, given, lane, isOrphan)
    return log
  } catch (error) {
    throw openingError(given.folder, error)
  }
}

class LaneLog implements LocalLog {
  readonly durability = 'disk'
  readonly birth = position(0)
  readonly id: LogId
  readonly own: Partition
  readonly recordBytesMax: number
  readonly buffer: Buffer
  readonly folder: string
  readonly isOrphan: boolean
  readonly foreign: ForeignLanes
  readonly #lane: OwnLane
  readonly #gathered: GatherBuffer
  readonly #listeners: CommitListeners
  #floorListener: ((floor: Cursor) => void) | undefined
  #closing: Promise<void> | undefined

  constructor(id: LogId, given: Given, lane: OwnLane, isOrphan: boolean) {
    const { listeners, folder, clock, onFault } = given
    this.isOrphan = isOrphan
    this.id = id
    this.own = partition(given.lane)
    this.folder = folder
    this.#lane = lane
    this.#gathered = lane.gathered
    this.#listeners = listeners
    this.buffer = lane.gathered.buffer
    this.recordBytesMax = lane.gathered.recordBytesMax
    const { segments, checkOpen } = lane
    const ownEnd = (): number => segments.end
    this.foreign = new ForeignLanes({ folder, own: this.own, ownEnd, clock, listeners, checkOpen, onFault })
  }

  get recovery(): readonly RecoveryNote[] {
    return this.#lane.recovery
  }
  get segments(): Segments {
    return this.#lane.segments
  }
  get status(): LogStatus {
    return this.#lane.pipeline.status
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
    const at = this.#gathered.reserve(kind, flags, topicBytes, bodyBytes)
    if (kind === recordKind.barrier) this.#gathered.endFrame()
    return at
  }

  onCommit(listener: (batch: CommittedBatch) => void): Disposable {
    return this.#listeners.add(listener)
  }

  onStatus(listener: (status: LogStatus) => void): Disposable {
    return this.#lane.pipeline.onStatus(listener)
  }

  partitions(): readonly PartitionRange[] {
    const { start, end, bytes } = this.#lane.segments
    return [{ partition: this.own, start: position(start), end: position(end), bytes }, ...this.foreign.ranges()]
  }

  async *read(of: Partition, from: Position, signal?: AbortSignal): AsyncGenerator<RecordBatch> {
    yield* this.#reader(of, from).read(from, signal)
  }

  async *find(
    of: Partition,
    from: Position,
    spans: readonly FilterSpan[],
    signal?: AbortSignal,
  ): AsyncGenerator<RecordBatch> {
    yield* this.#reader(of, from).find(from, spans, signal)
  }

  setFloor(floor: Cursor): void {
    if (this.#floorListener !== undefined) return this.#floorListener(floor)
    const own = floor.get(this.own)
    if (own !== undefined) this.trim(own)
  }

  trim(floor: Position): void {
    this.#lane.retention.setFloor(floor)
  }

  onFloor(listener: (floor: Cursor) => void): void {
    this.#floorListener = listener
  }

  indexed(): Promise<void> {
    return this.#lane.indexer.settled()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.foreign.close()
    await this.#lane[Symbol.asyncDispose]()
  }

  #reader(of: Partition, from: Position): LaneReader {
    const reader = of === this.own ? this.#lane.reader : this.foreign.reader(of)
    if (reader === undefined) throw goneError(of, from, 0)
    return reader
  }
}
