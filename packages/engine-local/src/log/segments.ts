/** What this process knows of a lane's segments: where they begin and end, and where in them to start reading. */
import { join } from 'node:path'
import { frameEnd, frameFirstPosition, indexName, segmentHeaderBytes, segmentName } from './format.ts'
import type { IndexBlockPlace } from './index-block.ts'

const checkpointBytes = 64 * 1024

export interface SegmentExtent {
  readonly base: number
  /** One past the last position. */
  readonly end: number
  /** Offset one past the last frame. */
  readonly dataEnd: number
  readonly lastMicros: number
}

export class Segment {
  readonly base: number
  readonly path: string
  readonly indexPath: string
  end: number
  dataEnd: number
  lastMicros: number
  isSealed: boolean
  /** Index blocks from the segment's start on, without a gap. */
  blocks: readonly IndexBlockPlace[] = []
  /** Positions and offsets of some frames that no index block covers yet. */
  readonly #checkpoints: { readonly position: number; readonly offset: number }[] = []

  constructor(folder: string, extent: SegmentExtent, isSealed: boolean) {
    this.base = extent.base
    this.end = extent.end
    this.dataEnd = extent.dataEnd
    this.lastMicros = extent.lastMicros
    this.isSealed = isSealed
    this.path = join(folder, segmentName(extent.base))
    this.indexPath = join(folder, indexName(extent.base))
  }

  get indexedEnd(): number {
    return this.blocks.at(-1)?.fileEnd ?? segmentHeaderBytes
  }

  get indexedNext(): number {
    return this.blocks.at(-1)?.next ?? this.base
  }

  /** Takes note of a committed batch, which lies in `bytes` and stands at `offset` of the file. */
  extend(bytes: Buffer, start: number, end: number, offset: number, next: number, micros: number): void {
    for (let at = start; at < end; at = frameEnd(bytes, at)) {
      const frameOffset = offset + at - start
      if (frameOffset - (this.#checkpoints.at(-1)?.offset ?? segmentHeaderBytes) < checkpointBytes) continue
      this.#checkpoints.push({ position: frameFirstPosition(bytes, at), offset: frameOffset })
    }
    this.dataEnd = offset + end - start
    this.end = next
    this.lastMicros = micros
  }

  /** Goes on behind what cannot be read. */
  pass(dataEnd: number, end: number): void {
    this.dataEnd = dataEnd
    this.end = end
  }

  addBlock(block: IndexBlockPlace): void {
    this.blocks = [...this.blocks, block]
    const covered = this.#checkpoints.findIndex((checkpoint) => checkpoint.offset > block.fileEnd)
    this.#checkpoints.splice(0, covered === -1 ? this.#checkpoints.length : covered)
  }

  /** Forgets the blocks from `index` on: they are damaged and to be built again. */
  dropBlocks(index: number): void {
    this.blocks = this.blocks.slice(0, index)
  }

  blockAt(position: number): { readonly block: IndexBlockPlace; readonly index: number } | undefined {
    const index = this.blocks.findIndex((block) => position < block.next)
    const block = this.blocks[index]
    return block === undefined ? undefined : { block, index }
  }

  /** The offset of a frame at or before `position`, which no index block covers. */
  checkpoint(position: number): number {
    const found = this.#checkpoints.findLast((checkpoint) => checkpoint.position <= position)
    return Math.max(found?.offset ?? 0, this.indexedEnd)
  }
}

export class Segments {
  readonly folder: string
  readonly #all: Segment[]

  /** `all` in order; the last is the one that is appended to. */
  constructor(folder: string, all: readonly Segment[]) {
    this.folder = folder
    this.#all = [...all]
  }

  get all(): readonly Segment[] {
    return this.#all
  }

  get active(): Segment {
    const last = this.#all.at(-1)
    if (last === undefined) throw new RangeError('a lane has at least one segment')
    return last
  }

  /** The oldest position that can still be read. */
  get start(): number {
    return (this.#all[0] ?? this.active).base
  }

  /** One past the newest committed position. */
  get end(): number {
    return this.active.end
  }

  get bytes(): number {
    return this.#all.reduce((sum, segment) => sum + segment.dataEnd, 0)
  }

  /** Where the batches of the segment `base` go, which is a new one where the writer has begun a new file. */
  forCommit(base: number): Segment {
    if (this.active.base === base) return this.active
    this.active.isSealed = true
    const extent = { base, end: base, dataEnd: segmentHeaderBytes, lastMicros: 0 }
    this.#all.push(new Segment(this.folder, extent, false))
    return this.active
  }

  /** The segment with the first record at or behind `position`; undefined at the end. */
  at(position: number): Segment | undefined {
    let low = 0
    let high = this.#all.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#all[middle]?.end ?? 0) <= position) low = middle + 1
      else high = middle
    }
    while (low < this.#all.length - 1 && this.#all[low]?.end === this.#all[low]?.base) low++
    const found = this.#all[low]
    return found !== undefined && found.end > found.base ? found : undefined
  }

  removeOldest(): void {
    this.#all.shift()
  }
}
