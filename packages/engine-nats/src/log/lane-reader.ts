/** `read` and `find` over one lane: from memory as far back as it reaches, else from any server that has the stream. */
import { type FilterSpan, goneError, type Partition, type RecordBatch, RecordPlaces, SpanMatcher } from '@hawser/engine'
import { type Clock, type Milliseconds, milliseconds, sleep } from '@hawser/std'
import type { NatsConnection } from '@nats-io/transport-node'
import { readStored, type StoredMessage } from '../stream/stored-messages.ts'
import type { Streams } from '../stream/streams.ts'
import { laneExtent } from './lane-extent.ts'
import { endOf, placeRecords, readMessageHead } from './log-message.ts'
import type { RecentMessages } from './recent-messages.ts'
import type { SequenceMarks } from './sequence-marks.ts'

/** What a reader sees of a lane. */
export interface ReadableLane {
  readonly partition: Partition
  readonly stream: string
  /** The oldest position that can be read, and the number of the message that holds it. */
  start: number
  firstSequence: number
  /** One past the number of the newest message that may be read. */
  readonly nextSequence: number
  readonly recent: RecentMessages
  readonly marks: SequenceMarks
}

export interface LaneReaderOptions {
  readonly connection: NatsConnection
  readonly streams: Streams
  readonly clock: Clock
  /** Throws once the log is closed. */
  readonly checkOpen: () => void
}

/** A server may be behind the one that has committed. */
const behindMs: Milliseconds = milliseconds(5)
const retryMs: Milliseconds = milliseconds(250)
/** How long a reader waits for servers that do not answer. */
const patienceMs: Milliseconds = milliseconds(30_000)

export class LaneReader {
  readonly #lane: ReadableLane
  readonly #options: LaneReaderOptions

  constructor(lane: ReadableLane, options: LaneReaderOptions) {
    this.#lane = lane
    this.#options = options
  }

  async *read(from: number, signal?: AbortSignal): AsyncGenerator<RecordBatch> {
    const places = new RecordPlaces()
    for await (const { data } of this.#messages(from, signal)) {
      placeRecords(data, readMessageHead(data), from, places)
      if (places.count > 0) yield this.#batch(data, places)
    }
  }

  async *find(from: number, spans: readonly FilterSpan[], signal?: AbortSignal): AsyncGenerator<RecordBatch> {
    const places = new RecordPlaces()
    const matcher = new SpanMatcher(spans)
    for await (const { data } of this.#messages(from, signal)) {
      const head = readMessageHead(data)
      const barrier = placeRecords(data, head, from, places)
      if (barrier === undefined && !matcher.touches(head.first, endOf(head))) continue
      matcher.select(data, places)
      if (places.count > 0) yield this.#batch(data, places)
    }
  }

  async *#messages(from: number, signal: AbortSignal | undefined): AsyncGenerator<StoredMessage> {
    this.#check(from, signal)
    let read: readonly StoredMessage[] = []
    for (let next = await this.#locate(from, signal); next < this.#lane.nextSequence; next++) {
      let message = this.#lane.recent.get(next) ?? read[next - (read[0]?.sequence ?? next)]
      if (message === undefined) {
        read = await this.#read(next, signal)
        message = read[0]
      }
      if (message !== undefined) yield message
      this.#check(Number.POSITIVE_INFINITY, signal)
    }
  }

  /** The number of the last message that begins at or before a position. */
  async #locate(from: number, signal: AbortSignal | undefined): Promise<number> {
    const { recent, marks, firstSequence, nextSequence } = this.#lane
    const known = recent.locate(from)
    if (known !== undefined) return known
    let { low, high } = marks.around(from, { low: firstSequence, high: nextSequence })
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      const [message] = await this.#read(middle, signal)
      if (message !== undefined && readMessageHead(message.data).first > from) high = middle
      else low = middle
    }
    return low
  }

  /** At least the message `next`, and those behind it as far as there is no gap. */
  async #read(next: number, signal: AbortSignal | undefined): Promise<readonly StoredMessage[]> {
    const { connection, clock, streams } = this.#options
    const { stream } = this.#lane
    const lateMs = clock.monotonicMs() + patienceMs
    for (;;) {
      try {
        const found = await readStored({ connection, stream, clock }, next)
        if (found[0]?.sequence === next) return withoutGap(found)
        this.#forget(await laneExtent(streams, stream))
        await sleep(clock, behindMs)
      } catch (error) {
        if (clock.monotonicMs() > lateMs) throw error
        await sleep(clock, retryMs)
      }
      this.#check(Number.POSITIVE_INFINITY, signal)
      if (next < this.#lane.firstSequence) throw goneError(this.#lane.partition, next, this.#lane.start)
    }
  }

  /** What was deleted meanwhile. */
  #forget({ first, start }: { readonly first: number; readonly start: number }): void {
    if (first <= this.#lane.firstSequence) return
    this.#lane.firstSequence = first
    this.#lane.start = start
  }

  #batch(bytes: Buffer, { count, offsets, positions }: RecordPlaces): RecordBatch {
    return { partition: this.#lane.partition, bytes, count, offsets, positions }
  }

  #check(from: number, signal: AbortSignal | undefined): void {
    signal?.throwIfAborted()
    this.#options.checkOpen()
    if (from < this.#lane.start) throw goneError(this.#lane.partition, from, this.#lane.start)
  }
}

function withoutGap(messages: readonly StoredMessage[]): readonly StoredMessage[] {
  const first = messages[0]?.sequence ?? 0
  const gap = messages.findIndex(({ sequence }, index) => sequence !== first + index)
  return gap === -1 ? messages : messages.slice(0, gap)
}
