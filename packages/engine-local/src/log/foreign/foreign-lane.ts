/**
 * A lane that another process writes, or has written: what of it was handed over here, which is what readers see, and
 * how far it is said to be durable. Nothing beyond that is looked at, whatever its files hold.
 */
import { join } from 'node:path'
import type { Cursor, Partition } from '@hawser/engine'
import type { Clock } from '@hawser/std'
import { dictionaryName } from '../dictionary-format.ts'
import { laneFolderName, segmentHeaderBytes } from '../format.ts'
import { LaneReader } from '../lane-reader.ts'
import { RecentBatches } from '../recent-batches.ts'
import { SegmentIndexes } from '../segment-indexes.ts'
import { Segment, Segments } from '../segments.ts'
import { TopicDictionary } from '../topic-dictionary.ts'
import type { Extent, LaneState } from './lane-state.ts'
import { blockLearner } from './learn-blocks.ts'

export interface ForeignLaneContext {
  /** The log's. */
  readonly folder: string
  readonly clock: Clock
  readonly checkOpen: () => void
}

export class ForeignLane {
  readonly partition: Partition
  segments: Segments
  reader: LaneReader
  /** What must be handed over before it goes on. */
  barrier: Cursor | undefined
  /** Whether somebody may still append to it. */
  isEnded = false
  readonly #context: ForeignLaneContext
  readonly #folder: string
  #announced: readonly Extent[]

  /** `handedOver`: what there is when this process starts is read by who needs it; of a lane born later all is handed over. */
  constructor(state: LaneState, handedOver: 'all' | 'nothing', context: ForeignLaneContext) {
    this.partition = state.lane
    this.#context = context
    this.#folder = join(context.folder, laneFolderName(state.lane))
    this.#announced = state.extents
    this.isEnded = endsLane(state)
    const shown = handedOver === 'all' ? state.extents : []
    this.segments = this.#segmentsOf(shown, state.start)
    this.reader = this.#createReader()
  }

  /** One past the newest position that was handed over. */
  get end(): number {
    return this.segments.end
  }

  /** One past the newest that is durable, as far as it was told. */
  get announcedEnd(): number {
    return this.#announced.at(-1)?.end ?? this.end
  }

  /** Takes in what was told. What was handed over stays so: no lane ever loses what was durable. */
  learn(state: LaneState): void {
    // Told late, of an earlier life of the lane.
    if (
      (endsLane(state) || state.kind === 'left') &&
      (state.extents.at(-1)?.end ?? 0) < Math.max(this.end, this.announcedEnd)
    )
      return
    if (state.kind === 'grown') return this.#grow(state)
    this.isEnded = endsLane(state)
    this.#announced = state.extents
    // Indexes and dictionary may have been begun anew by another owner.
    this.segments = this.#segmentsOf(handedOverOf(state.extents, this.segments), state.start)
    this.reader = this.#createReader()
    this.advance()
    this.#forget(state.start)
  }

  /** Moves on to where there is something to read, and tells how far; undefined where all is handed over. */
  advance(): { readonly segment: Segment; readonly durable: Extent } | undefined {
    for (const durable of this.#announced) {
      const { active } = this.segments
      if (durable.base < active.base) continue
      // All before it is read, or it would not be reached.
      const segment = durable.base === active.base ? active : this.segments.forCommit(durable.base)
      if (durable.dataEnd > segment.dataEnd) return { segment, durable }
    }
    return undefined
  }

  #grow({ start, extents }: LaneState): void {
    for (const extent of extents) {
      const last = this.#announced.at(-1)
      if (last !== undefined && last.base > extent.base) continue
      const before = last?.base === extent.base ? this.#announced.slice(0, -1) : this.#announced
      this.#announced = [...before, extent]
    }
    this.#forget(start)
  }

  /** What retention has deleted. */
  #forget(start: number): void {
    const { segments } = this
    while (segments.all.length > 1 && segments.start < start) segments.removeOldest()
    // What is read to its end needs no telling any more.
    const { active } = segments
    this.#announced = this.#announced.filter(
      (extent, index, all) => extent.base >= active.base || index === all.length - 1,
    )
  }

  #segmentsOf(extents: readonly Extent[], birth: number): Segments {
    const first = { base: birth, end: birth, dataEnd: segmentHeaderBytes }
    const shown = extents.length === 0 ? [first] : extents
    const all = shown.map((extent, index) => {
      return new Segment(this.#folder, { ...extent, lastMicros: 0 }, index < shown.length - 1)
    })
    return new Segments(this.#folder, all)
  }

  #createReader(): LaneReader {
    const { segments } = this
    return new LaneReader({
      partition: this.partition,
      segments,
      gathered: { recent: new RecentBatches(), buffer: Buffer.alloc(0) },
      // Its owner builds what is missing.
      indexes: new SegmentIndexes(() => undefined, blockLearner(this.#context.clock)),
      dictionary: new TopicDictionary(join(this.#folder, dictionaryName)),
      mayBeGone: () => true,
      checkOpen: this.#context.checkOpen,
    })
  }
}

/** Whether it says that nobody writes the lane any more. */
export const endsLane = ({ kind }: LaneState): boolean => kind === 'ended' || kind === 'taken over'

/** Of the segments there are, those that were handed over, as far as they were. */
function handedOverOf(extents: readonly Extent[], shown: Segments): readonly Extent[] {
  const { active } = shown
  return extents.flatMap((extent) => {
    if (extent.base < active.base) return [extent]
    if (extent.base > active.base) return []
    return [{ base: extent.base, end: active.end, dataEnd: active.dataEnd }]
  })
}
