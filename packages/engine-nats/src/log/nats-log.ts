/** The durable log of a cluster: the lane of this node, and those of the others, as the port. */
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
  position,
  type RecordBatch,
  type RetentionLimits,
} from '@hawser/engine'
import { type Clock, type HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import { jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Streams } from '../stream/streams.ts'
import { Appender, closedError } from './appender.ts'
import { ForeignLanes } from './foreign-lanes.ts'
import { type GatheredMessage, Gatherer } from './gatherer.ts'
import type { LaneExtent } from './lane-extent.ts'
import { LaneReader, type ReadableLane } from './lane-reader.ts'
import { messageHeadBytes } from './log-message.ts'
import { RecentMessages } from './recent-messages.ts'
import { Retention } from './retention.ts'
import { SequenceMarks } from './sequence-marks.ts'

export interface NatsLogOptions {
  readonly connection: NatsConnection
  readonly streams: Streams
  readonly prefix: string
  readonly clock: Clock
  readonly id: LogId
  readonly own: Partition
  /** Of this life of the lane. */
  readonly epoch: number
  /** The own lane's stream, behind the fence that has ended its former life. */
  readonly extent: LaneExtent
  readonly retention?: RetentionLimits
  /** How much may wait for the servers; publishers should be paused at half of it. */
  readonly pendingBytesMax?: number
  /** How much of what was committed last is read from memory. */
  readonly recentBytesMax?: number
  readonly patienceMs?: Milliseconds
  readonly onFault: (error: HawserError) => void
}

export interface NatsLog extends MessageLog {
  readonly foreign: ForeignLanes
  /** From now on `setFloor` is heard by `listener` alone, which asks the other nodes before it trims. */
  onFloor(listener: (floor: Cursor) => void): void
  /** What no reader of any node needs any more, for the log to delete. */
  trim(floor: Position): void
  /** The lane is another node's now, or nothing may go on here. */
  fail(error: HawserError): void
}

const mebibyte = 1 << 20
const hourMs = 3_600_000
const defaults = {
  retention: { bytes: 10_240 * mebibyte, ms: 24 * hourMs },
  pendingBytesMax: 16 * mebibyte,
  recentBytesMax: 16 * mebibyte,
  patienceMs: milliseconds(12_000),
} as const
const messageBytesMax = 512 << 10
/** Of a message's headers on its way to the servers. */
const headersBytesMax = 1024
const farewellMsMax: Milliseconds = milliseconds(5000)

export const laneStream = (prefix: string, lane: Partition): string => `${prefix}_lane_${lane}`
export const laneSubject = (prefix: string, lane: Partition): string => `${prefix}.lane.${lane}`
export const laneToldSubject = (prefix: string, lane: Partition): string => `${prefix}.told.${lane}`

export const openNatsLog = (options: NatsLogOptions): NatsLog => new LaneLog({ ...defaults, ...options })

class LaneLog implements NatsLog, ReadableLane {
  readonly durability = 'disk'
  readonly birth = position(0)
  readonly id: LogId
  readonly own: Partition
  readonly partition: Partition
  readonly stream: string
  readonly recordBytesMax: number
  readonly foreign: ForeignLanes
  readonly recent: RecentMessages
  readonly marks = new SequenceMarks()
  start: number
  firstSequence: number
  nextSequence: number
  readonly #gatherer: Gatherer
  readonly #appender: Appender
  readonly #retention: Retention
  readonly #reader: LaneReader
  readonly #listeners = new CommitListeners()
  #end: number
  #floorListener: ((floor: Cursor) => void) | undefined
  #closing: Promise<void> | undefined

  constructor(options: Required<NatsLogOptions>) {
    const { connection, streams, prefix, clock, own, extent, onFault, epoch, patienceMs } = options
    this.id = options.id
    this.own = own
    this.partition = own
    this.stream = laneStream(prefix, own)
    this.recent = new RecentMessages(options.recentBytesMax)
    this.start = extent.start
    this.firstSequence = extent.first
    this.nextSequence = extent.last + 1
    this.#end = extent.end
    const payloadBytesMax = (connection.info?.max_payload ?? mebibyte) - headersBytesMax
    this.recordBytesMax = payloadBytesMax - messageHeadBytes
    this.#gatherer = new Gatherer({
      pendingBytesMax: options.pendingBytesMax,
      messageBytesMax: Math.min(messageBytesMax, payloadBytesMax),
      recordBytesMax: this.recordBytesMax,
      onPending: () => this.#appender.schedule(),
    })
    this.#appender = new Appender({
      ...{ jetstream: jetstream(connection), streams, clock, epoch, patienceMs },
      stream: this.stream,
      subject: laneSubject(prefix, own),
      gatherer: this.#gatherer,
      lastSequence: extent.last,
      next: extent.end,
      onCommitted: (message, sequence, first) => this.#committed(message, sequence, first),
    })
    const purge = (sequence: number): Promise<void> => streams.purge(this.stream, { seq: sequence })
    this.#retention = new Retention({ ...options.retention, clock, purge, onFault })
    if (extent.bytes > 0) this.#retention.add(extent.last, extent.end, extent.bytes)
    const reading = { connection, streams, clock, checkOpen: () => this.#checkOpen() }
    this.#reader = new LaneReader(this, reading)
    this.foreign = new ForeignLanes({
      ...reading,
      own,
      ownEnd: () => this.#end,
      listeners: this.#listeners,
      streamOf: (lane) => laneStream(prefix, lane),
      toldSubjectOf: (lane) => laneToldSubject(prefix, lane),
      onUnreadable: (error) => this.fail(error),
    })
  }

  get status(): LogStatus {
    return this.#appender.status
  }
  get buffer(): Buffer {
    return this.#gatherer.buffer
  }
  get lastTicket(): number {
    return this.#gatherer.lastTicket
  }
  get congested(): boolean {
    return this.#gatherer.congested
  }

  reserve(kind: number, flags: number, topicBytes: number, bodyBytes: number): number {
    return this.#gatherer.reserve(kind, flags, topicBytes, bodyBytes)
  }

  onCommit(listener: (batch: CommittedBatch) => void): Disposable {
    return this.#listeners.add(listener)
  }

  onStatus(listener: (status: LogStatus) => void): Disposable {
    return this.#appender.onStatus(listener)
  }

  partitions(): readonly PartitionRange[] {
    const own = { partition: this.own, start: position(this.start), end: position(this.#end) }
    return [{ ...own, bytes: this.#retention.bytes }, ...this.foreign.ranges()]
  }

  async *read(of: Partition, from: Position, signal?: AbortSignal): AsyncGenerator<RecordBatch> {
    yield* this.#readerOf(of, from).read(from, signal)
  }

  async *find(
    of: Partition,
    from: Position,
    spans: readonly FilterSpan[],
    signal?: AbortSignal,
  ): AsyncGenerator<RecordBatch> {
    yield* this.#readerOf(of, from).find(from, spans, signal)
  }

  setFloor(floor: Cursor): void {
    if (this.#floorListener !== undefined) return this.#floorListener(floor)
    const own = floor.get(this.own)
    if (own !== undefined) this.trim(own)
  }

  onFloor(listener: (floor: Cursor) => void): void {
    this.#floorListener = listener
  }

  trim(floor: Position): void {
    const kept = this.#retention.setFloor(floor)
    if (kept === undefined) return
    this.start = kept.position
    this.firstSequence = kept.sequence
  }

  fail(error: HawserError): void {
    this.#appender.fail(error)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#appender.close(farewellMsMax)
    this.foreign.close()
    this.#listeners.clear()
    await this.#retention.close()
  }

  #committed({ bytes, count, offsets, firstTicket }: GatheredMessage, sequence: number, first: number): void {
    const positions = Float64Array.from({ length: count }, (_, ordinal) => first + ordinal)
    this.recent.add({ sequence, data: bytes, first })
    this.marks.note(sequence, first)
    this.nextSequence = sequence + 1
    this.#end = first + count
    this.#retention.add(sequence, this.#end, bytes.length)
    this.#listeners.tell({ partition: this.own, bytes, count, offsets, positions, firstTicket })
    this.foreign.moved()
  }

  #readerOf(of: Partition, from: Position): LaneReader {
    const reader = of === this.own ? this.#reader : this.foreign.reader(of)
    if (reader === undefined) throw goneError(of, from, 0)
    return reader
  }

  #checkOpen(): void {
    if (this.#appender.isClosed) throw closedError()
  }
}
