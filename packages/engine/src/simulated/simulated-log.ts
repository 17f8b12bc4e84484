/** The log of one process of a simulated host. */
import { disposable, HawserError } from '@hawser/std'
import { goneError } from '../lanes/gone-error.ts'
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
  type RecordBatch,
  reserveRefused,
} from '../log.ts'
import { recordBytes, recordKind, recordKindAt, recordTopicEnd, recordTopicStart, writeRecordHead } from '../record.ts'
import { topicMatches } from '../topic-filter.ts'
import type { Lane, Segment } from './lane.ts'
import type { LaneView } from './lane-view.ts'
import type { Lease } from './lease.ts'
import { lend, ordinalsBetween } from './lent-batch.ts'
import type { Turns } from './turns.ts'

/** `disk`: durable at once. `quorum`: a turn later. `early`: a turn later, and said to be so at once. */
export type Durability = 'disk' | 'quorum' | 'early'

/** What the log asks of the host that it is on. */
export interface LogSurroundings {
  readonly id: LogId
  readonly lane: Lane
  readonly view: LaneView
  readonly turns: Turns
  readonly lease: Lease
  readonly durability: Durability
  /** The own lane is durable up to its end: the others are to learn of it. */
  tellOthers(): void
  floorChanged(): void
  laneOf(partition: Partition): Lane | undefined
}

const recordBytesMax = 4 << 20
const congestedBytes = 64 << 20
const topicBytesMax = 0xffff

export class SimulatedLog implements MessageLog {
  readonly durability = 'disk'
  readonly birth = 0 as Position
  readonly id: LogId
  readonly own: Partition
  readonly recordBytesMax = recordBytesMax
  buffer: Buffer = Buffer.alloc(0)
  lastTicket = -1
  floor: Cursor = new Map()
  readonly #around: LogSurroundings
  readonly #commitListeners = new Set<(batch: CommittedBatch) => void>()
  readonly #statusListeners = new Set<(status: LogStatus) => void>()
  #status: LogStatus = { kind: 'open' }
  /** Reserved, not durable. */
  #pending: Buffer[] = []
  #pendingBytes = 0
  /** With the servers, and not on a quorum of them. */
  #proposed: Segment[] = []
  /** Durable, and not handed over yet. */
  readonly #durable: Segment[] = []
  #nextPosition: number
  #nextTicketHanded = 0
  #commitComes = false

  constructor(around: LogSurroundings) {
    this.id = around.id
    this.own = around.lane.partition
    this.#nextPosition = around.lane.nextPosition
    this.#around = around
  }

  get status(): LogStatus {
    return this.#status
  }
  get congested(): boolean {
    return this.#pendingBytes > congestedBytes
  }

  reserve(kind: number, flags: number, topicBytes: number, bodyBytes: number): number {
    const bytes = recordBytes(topicBytes, bodyBytes)
    if (bytes > recordBytesMax || topicBytes > topicBytesMax) {
      throw new RangeError(`a record of ${bytes} bytes, ${topicBytes} of them topic, is over the log's limit`)
    }
    if (this.#status.kind !== 'open' || this.#around.turns.status !== 'running') return reserveRefused
    this.buffer = Buffer.allocUnsafe(bytes)
    this.#pending.push(this.buffer)
    this.#pendingBytes += bytes
    this.#nextPosition++
    if (!this.#around.lease.isOver) this.#around.lane.nextPosition = this.#nextPosition
    this.lastTicket++
    this.#scheduleCommit()
    return writeRecordHead(this.buffer, 0, kind, flags, topicBytes, bodyBytes)
  }

  onCommit(listener: (batch: CommittedBatch) => void): Disposable {
    this.#commitListeners.add(listener)
    return disposable(() => this.#commitListeners.delete(listener))
  }

  onStatus(listener: (status: LogStatus) => void): Disposable {
    this.#statusListeners.add(listener)
    return disposable(() => this.#statusListeners.delete(listener))
  }

  partitions(): readonly PartitionRange[] {
    const { view } = this.#around
    return view.lanes().map((lane) => lane.range(view.handed(lane.partition)))
  }

  async *read(of: Partition, from: Position, signal?: AbortSignal): AsyncGenerator<RecordBatch> {
    yield* this.#portions(of, from, signal, () => true)
  }

  async *find(
    of: Partition,
    from: Position,
    spans: readonly FilterSpan[],
    signal?: AbortSignal,
  ): AsyncGenerator<RecordBatch> {
    yield* this.#portions(of, from, signal, ({ bytes, offsets, firstPosition }, ordinal) => {
      const at = offsets[ordinal] ?? 0
      if (recordKindAt(bytes, at) === recordKind.barrier) return true
      if (recordKindAt(bytes, at) !== recordKind.publish) return false
      const topic = bytes.toString('utf8', recordTopicStart(at), recordTopicEnd(bytes, at))
      const position = firstPosition + ordinal
      return spans.some(
        ({ filter, since, until }) => since <= position && position < until && topicMatches(filter, topic),
      )
    })
  }

  setFloor(floor: Cursor): void {
    this.floor = floor
    this.#around.floorChanged()
  }

  setStatus(status: LogStatus): void {
    if (this.#status.kind === 'failed') return
    this.#status = status
    if (status.kind === 'open') this.#scheduleCommit()
    for (const listener of [...this.#statusListeners]) listener(status)
  }

  /** Hands over what others have appended, as far as it is known to be durable and no barrier holds it. */
  handOverOthers(): void {
    const { view } = this.#around
    for (let portion = view.next(this.own); portion !== undefined; portion = view.next(this.own)) {
      if (this.#status.kind === 'failed') return
      const { lane, segment, from, until } = portion
      view.handedOver(portion)
      this.#hand(lane, segment, ordinalsBetween(segment, from, until), -1)
    }
  }

  /** The process is dead: what was not committed is gone, and nothing more is heard. */
  fail(error: HawserError): void {
    this.#status = { kind: 'failed', error }
    this.#commitListeners.clear()
    this.#statusListeners.clear()
    this.#pending = []
    this.#proposed = []
    this.#durable.length = 0
  }

  /** What the server that led had, and no quorum, is lost. Who was told nothing of it proposes it again. */
  leaderLost(): void {
    if (this.#around.durability === 'early') this.#proposed = []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await null
    if (this.#status.kind === 'failed') return
    this.#propose()
    this.#commit()
    this.#handOverOwn()
    this.fail(new HawserError('LOG_CLOSED', 'the log is closed'))
  }

  #scheduleCommit(): void {
    if (this.#commitComes || this.#pending.length === 0) return
    this.#commitComes = true
    const { turns, durability } = this.#around
    turns.take('commit', () => {
      this.#commitComes = false
      // What was reserved waits until there is room again.
      if (this.#status.kind !== 'open') return
      this.#propose()
      if (durability === 'quorum') return turns.take('quorum', () => this.#commitAndTell())
      if (durability === 'early') turns.take('quorum', () => this.#commit())
      else this.#commit()
      turns.take('told', () => this.#handOverOwn())
    })
  }

  #commitAndTell(): void {
    this.#commit()
    this.#around.turns.take('told', () => this.#handOverOwn())
  }

  #propose(): void {
    const count = this.#pending.length
    if (count === 0) return
    const offsets = new Uint32Array(count)
    let bytes = 0
    for (const [index, record] of this.#pending.entries()) {
      offsets[index] = bytes
      bytes += record.length
    }
    const segment = { bytes: Buffer.concat(this.#pending), offsets, firstPosition: this.#nextPosition - count, count }
    this.#pending = []
    this.#pendingBytes = 0
    this.#proposed.push(segment)
    if (this.#around.durability === 'early') this.#durable.push(segment)
  }

  #commit(): void {
    const { lane, lease, durability } = this.#around
    if (lease.isOver) return this.setStatus({ kind: 'failed', error: lease.error() })
    for (const segment of this.#proposed) {
      lane.append(segment)
      if (durability !== 'early') this.#durable.push(segment)
    }
    this.#proposed = []
  }

  #handOverOwn(): void {
    const { lane, view } = this.#around
    for (let segment = this.#durable.shift(); segment !== undefined; segment = this.#durable.shift()) {
      const until = segment.firstPosition + segment.count
      const firstTicket = this.#nextTicketHanded
      this.#nextTicketHanded += segment.count
      view.told(lane, until)
      view.handedOver({ lane, segment, from: segment.firstPosition, until })
      this.#hand(lane, segment, ordinalsBetween(segment, segment.firstPosition, until), firstTicket)
      lane.toldEnd = Math.max(lane.toldEnd, until)
    }
    this.#around.tellOthers()
    this.handOverOthers()
  }

  #hand(lane: Lane, segment: Segment, ordinals: readonly number[], firstTicket: number): void {
    using lent = lend(lane.partition, segment, ordinals, firstTicket)
    for (const listener of [...this.#commitListeners]) listener(lent.batch)
  }

  async *#portions(
    of: Partition,
    from: number,
    signal: AbortSignal | undefined,
    wanted: (segment: Segment, ordinal: number) => boolean,
  ): AsyncGenerator<RecordBatch> {
    let next = from
    for (let portion = this.#reach(of, next, signal); portion !== undefined; portion = this.#reach(of, next, signal)) {
      const { segment, end } = portion
      const ordinals = ordinalsBetween(segment, next, end).filter((ordinal) => wanted(segment, ordinal))
      next = end
      if (ordinals.length > 0) {
        using lent = lend(of, segment, ordinals, -1)
        yield lent.batch
      }
      // Others have their turn between the parts of a long read.
      if (this.#reach(of, next, signal) !== undefined) await this.#around.turns.next('read')
    }
  }

  #reach(of: Partition, next: number, signal: AbortSignal | undefined): { segment: Segment; end: number } | undefined {
    signal?.throwIfAborted()
    if (this.#status.kind === 'failed') throw this.#status.error
    const lane = this.#around.laneOf(of)
    if (lane === undefined || next < lane.start) {
      throw goneError(of, next, lane?.start)
    }
    const readable = this.#around.view.readable(of)
    const segment = next < readable ? lane.segmentFrom(next) : undefined
    if (segment === undefined || segment.firstPosition >= readable) return undefined
    return { segment, end: Math.min(readable, segment.firstPosition + segment.count) }
  }
}
