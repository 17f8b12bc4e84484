/**
 * The log of the durability class `memory`: a ring in RAM, bounded by bytes, that forgets its oldest records.
 *
 * The lever is `reserve`: a bump of two counters and the record's head. Everything else (commit, index, eviction) is
 * paid by batch, by chunk or by who searches.
 */

import { disposable, HawserError, type Random, systemRandom } from '@hawser/std'
import { goneError } from '../lanes/gone-error.ts'
import {
  type CommittedBatch,
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
  reserveRefused,
} from '../log.ts'
import { recordBytes, writeRecordHead } from '../record.ts'
import { Chunk } from './chunk.ts'
import { Ring } from './ring.ts'
import { SpanMatcher } from './span-matcher.ts'

export interface MemoryLogOptions {
  /** Of the ring; a search adds an index of a few bytes for each record that it touches. */
  readonly bytesMax?: number
  readonly recordBytesMax?: number
  readonly id?: LogId
  readonly own?: Partition
  /** Its first position; 0 by default. */
  readonly birth?: Position
  /** Names the log where no `id` is given. */
  readonly random?: Random
  /** When to commit what was reserved; by default once in each turn of the event loop. */
  readonly schedule?: (flush: () => void) => void
}

const bytesMaxByDefault = 64 << 20
/** A record takes a quarter of the ring at most, so that there is always room beside it. */
const recordShareMax = 4
/** Publishers are paused while so large a part of the ring waits for its commit. */
const congestedShare = 4
const topicBytesMax = 0xffff

export const createMemoryLog = (options: MemoryLogOptions = {}): MessageLog => new MemoryLog(options)

function countUp(target: Float64Array, first: number, count: number): Float64Array {
  for (let index = 0; index < count; index++) target[index] = first + index
  return target
}

const randomId = (random: Random): LogId => `memory-${Buffer.from(random.bytes(8)).toString('hex')}` as LogId

class MemoryLog implements MessageLog {
  readonly durability = 'memory'
  readonly birth: Position
  readonly id: LogId
  readonly own: Partition
  readonly recordBytesMax: number
  readonly #bytesMax: number
  readonly #ring: Ring
  readonly #schedule: (flush: () => void) => void
  readonly #commitListeners = new Set<(batch: CommittedBatch) => void>()
  readonly #statusListeners = new Set<(status: LogStatus) => void>()
  readonly #flush = (): void => this.#commit()
  #status: LogStatus = { kind: 'open' }
  #chunk: Chunk
  #flushScheduled = false
  /** One past the newest committed record. A position is a ticket and the birth. */
  #committed: number
  #pendingBytes = 0
  #positions = new Float64Array(0)

  constructor(options: MemoryLogOptions) {
    this.#bytesMax = options.bytesMax ?? bytesMaxByDefault
    const bytesMaxOfRecord = Math.floor(this.#bytesMax / recordShareMax)
    this.recordBytesMax = Math.min(options.recordBytesMax ?? bytesMaxOfRecord, bytesMaxOfRecord)
    this.id = options.id ?? randomId(options.random ?? systemRandom)
    this.own = options.own ?? partition(0)
    this.birth = options.birth ?? position(0)
    this.#chunk = new Chunk(Buffer.alloc(0), this.birth)
    this.#committed = this.birth
    this.#ring = new Ring(this.#bytesMax)
    this.#schedule = options.schedule ?? setImmediate
  }

  get status(): LogStatus {
    return this.#status
  }
  get buffer(): Buffer {
    return this.#chunk.buffer
  }
  get lastTicket(): number {
    return this.#chunk.endPosition - this.birth - 1
  }
  get congested(): boolean {
    return this.#pendingBytes > this.#bytesMax / congestedShare
  }

  reserve(kind: number, flags: number, topicBytes: number, bodyBytes: number): number {
    const bytes = recordBytes(topicBytes, bodyBytes)
    if (bytes > this.recordBytesMax || topicBytes > topicBytesMax) {
      throw new RangeError(`a record of ${bytes} bytes, ${topicBytes} of them topic, is over the log's limit`)
    }
    if (this.#status.kind !== 'open') return reserveRefused
    if (this.#chunk.bytesUsed + bytes > this.#chunk.buffer.length && !this.#extend(bytes)) return reserveRefused
    this.#pendingBytes += bytes
    if (!this.#flushScheduled) {
      this.#flushScheduled = true
      this.#schedule(this.#flush)
    }
    const at = this.#chunk.take(bytes)
    return writeRecordHead(this.#chunk.buffer, at, kind, flags, topicBytes, bodyBytes)
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
    return [
      {
        partition: this.own,
        start: position(this.#ring.start(this.#committed)),
        end: position(this.#committed),
        bytes: this.#ring.bytesUsed() - this.#pendingBytes,
      },
    ]
  }

  async *read(of: Partition, from: Position, signal?: AbortSignal): AsyncGenerator<RecordBatch> {
    let next: number = from
    for (let chunk = this.#reach(of, next, signal); chunk !== undefined; chunk = this.#reach(of, next, signal)) {
      const end = Math.min(chunk.endPosition, this.#committed)
      const offsets = chunk.offsets.subarray(next - chunk.firstPosition)
      const positions = countUp(new Float64Array(end - next), next, end - next)
      next = end
      yield* this.#lend(chunk, offsets, positions)
    }
  }

  async *find(
    of: Partition,
    from: Position,
    spans: readonly FilterSpan[],
    signal?: AbortSignal,
  ): AsyncGenerator<RecordBatch> {
    const matcher = new SpanMatcher(spans)
    let next: number = from
    for (let chunk = this.#reach(of, next, signal); chunk !== undefined; chunk = this.#reach(of, next, signal)) {
      const { firstPosition, offsets } = chunk
      const end = Math.min(chunk.endPosition, this.#committed)
      const count = end - firstPosition
      const ordinals = matcher.select(chunk, next - firstPosition, count)
      next = end
      // A search of the whole ring may take long: others have their turn between its chunks.
      await new Promise<void>((resolve) => setImmediate(resolve))
      if (ordinals.length === 0) continue
      const found = Uint32Array.from(ordinals, (ordinal) => offsets[ordinal] ?? 0)
      yield* this.#lend(
        chunk,
        found,
        Float64Array.from(ordinals, (ordinal) => firstPosition + ordinal),
      )
    }
  }

  /** Nothing to do: what a ring keeps is decided by its size, and no reader holds it. */
  setFloor(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    // Where a listener disposes the log, the commit under way goes first.
    await null
    if (this.#status.kind === 'failed') return
    this.#commit()
    this.#status = { kind: 'failed', error: new HawserError('LOG_CLOSED', 'the log is closed') }
    this.#commitListeners.clear()
    this.#statusListeners.clear()
    this.#ring.clear()
  }

  #setStatus(status: LogStatus): void {
    this.#status = status
    for (const listener of [...this.#statusListeners]) listener(status)
  }

  #extend(bytes: number): boolean {
    const chunk = this.#ring.extend(bytes, this.#chunk.endPosition, this.#committed)
    if (chunk !== undefined) {
      this.#chunk = chunk
      return true
    }
    const error = new HawserError('DISK_FULL', `${this.#pendingBytes} bytes in memory wait for their commit`, {
      retryable: true,
      mend: 'give the log in memory more bytes',
    })
    this.#setStatus({ kind: 'full', error })
    return false
  }

  #commit(): void {
    this.#flushScheduled = false
    const end = this.#chunk.endPosition
    // What listeners append on the way is left to the next commit.
    this.#pendingBytes = 0
    while (this.#committed < end) {
      const chunk = this.#ring.chunkAt(this.#committed)
      if (chunk === undefined) throw new HawserError('LOG_FAILED', `uncommitted position ${this.#committed} is lost`)
      this.#handOver(chunk, Math.min(chunk.endPosition, end))
    }
    if (this.#status.kind === 'full') this.#setStatus({ kind: 'open' })
  }

  #handOver(chunk: Chunk, end: number): void {
    const first = this.#committed
    const count = end - first
    if (this.#positions.length < count) this.#positions = new Float64Array(count * 2)
    countUp(this.#positions, first, count)
    this.#committed = end
    if (this.#commitListeners.size === 0) return
    const batch: CommittedBatch = {
      partition: this.own,
      bytes: chunk.buffer,
      count,
      offsets: first === chunk.firstPosition ? chunk.offsets : chunk.offsets.subarray(first - chunk.firstPosition),
      positions: this.#positions,
      firstTicket: first - this.birth,
    }
    // A listener may append so much that this very chunk is given up: its buffer must then not be reused yet.
    chunk.pins++
    try {
      for (const listener of [...this.#commitListeners]) listener(batch)
    } finally {
      chunk.pins--
    }
  }

  /** The chunk where reading goes on at `next`; undefined at the end. */
  #reach(of: Partition, next: number, signal: AbortSignal | undefined): Chunk | undefined {
    signal?.throwIfAborted()
    if (this.#status.kind === 'failed') throw this.#status.error
    const start = this.#ring.start(this.#committed)
    if (of !== this.own || next < start) throw goneError(of, next, start)
    return next < this.#committed ? this.#ring.chunkAt(next) : undefined
  }

  *#lend(chunk: Chunk, offsets: Uint32Array, positions: Float64Array): Generator<RecordBatch> {
    chunk.pins++
    try {
      yield { partition: this.own, bytes: chunk.buffer, count: positions.length, offsets, positions }
    } finally {
      chunk.pins--
    }
  }
}
