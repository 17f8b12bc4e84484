/** `read` and `find` over one lane. */
import { type FilterSpan, goneError, type Partition, type RecordBatch, RecordPlaces, SpanMatcher } from '@hawser/engine'
import { placeRecords } from './frames.ts'
import type { IndexBlock } from './index-block.ts'
import { type LaneView, type Run, RunReader } from './run-reader.ts'
import type { Segment } from './segments.ts'
import { type TopicDictionary, WantedTopics } from './topic-dictionary.ts'

export interface LaneReaderOptions extends LaneView {
  readonly partition: Partition
  readonly dictionary: TopicDictionary
  /** Throws once the log is closed. */
  readonly checkOpen: () => void
}

/** Records of `run` from the position `from` on are new to the reader. */
interface Candidates {
  readonly run: Run
  readonly from: number
}

export class LaneReader {
  readonly #lane: LaneReaderOptions

  constructor(lane: LaneReaderOptions) {
    this.#lane = lane
  }

  async *read(from: number, signal?: AbortSignal): AsyncGenerator<RecordBatch> {
    const places = new RecordPlaces()
    await using runs = new RunReader(this.#lane)
    for (let position = from; ; ) {
      this.#check(position, signal)
      const run = await runs.next(position)
      if (run === undefined) return
      yield this.#place({ run, from: position }, places)
      position = run.next
    }
  }

  async *find(from: number, spans: readonly FilterSpan[], signal?: AbortSignal): AsyncGenerator<RecordBatch> {
    const places = new RecordPlaces()
    const matcher = new SpanMatcher(spans)
    for await (const candidates of this.#candidates(from, matcher, signal)) {
      this.#place(candidates, places)
      matcher.select(candidates.run.bytes, places)
      if (places.count > 0) yield this.#batch(candidates.run, places)
      this.#check(candidates.from, signal)
    }
  }

  /** Runs that may hold what matches: all others are left unread where an index allows it. */
  async *#candidates(from: number, matcher: SpanMatcher, signal?: AbortSignal): AsyncGenerator<Candidates> {
    const { segments, dictionary } = this.#lane
    const wanted = new WantedTopics(matcher, dictionary)
    await using runs = new RunReader(this.#lane)
    for (let position = from; ; ) {
      this.#check(position, signal)
      const segment = segments.at(position)
      if (segment === undefined) return
      const block = await this.#blockAt(segment, position)
      if (block !== undefined) {
        yield* this.#indexed(runs, segment, block, position, wanted)
        position = block.place.next
        continue
      }
      const run = await runs.next(position)
      if (run === undefined) return
      yield { run, from: position }
      position = run.next
    }
  }

  async *#indexed(
    runs: RunReader,
    segment: Segment,
    block: IndexBlock,
    from: number,
    wanted: WantedTopics,
  ): AsyncGenerator<Candidates> {
    const { fileStart: start, fileEnd: end } = block.place
    const hashes = await wanted.inBlock(block, from)
    const regions = hashes === undefined ? [{ start, end }] : block.regions(hashes, from)
    for (const region of regions) {
      for await (const run of runs.region(segment, region.start, region.end, from)) yield { run, from }
    }
  }

  async #blockAt(segment: Segment, position: number): Promise<IndexBlock | undefined> {
    const found = await this.#lane.indexes.find(segment, Math.max(position, segment.base))
    if (found === undefined) return undefined
    const blocks = await this.#lane.indexes.load(segment, found.index)
    return blocks[0]
  }

  #place({ run, from }: Candidates, places: RecordPlaces): RecordBatch {
    places.clear()
    placeRecords(run.bytes, run.start, run.end, from, places)
    return this.#batch(run, places)
  }

  #batch(run: Run, { count, offsets, positions }: RecordPlaces): RecordBatch {
    return { partition: this.#lane.partition, bytes: run.bytes, count, offsets, positions }
  }

  #check(position: number, signal: AbortSignal | undefined): void {
    signal?.throwIfAborted()
    this.#lane.checkOpen()
    if (position < this.#lane.segments.start) throw goneError(this.#lane.partition, position, this.#lane.segments.start)
  }
}
