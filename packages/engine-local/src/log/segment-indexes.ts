/** The sidecar files as the event loop's side reads them: whole blocks, the ones used last kept in memory. */
import { open } from 'node:fs/promises'
import { errorCode } from './files.ts'
import { IndexBlock, type IndexBlockPlace } from './index-block.ts'
import type { Segment } from './segments.ts'

/** Of blocks kept in memory. */
const cachedBytesMax = 16 << 20

export class SegmentIndexes {
  readonly #cache = new Map<string, IndexBlock>()
  readonly #onDamage: () => void
  readonly #learn: ((segment: Segment) => Promise<void>) | undefined
  #cachedBytes = 0

  /**
   * `onDamage` is called after a damaged block was dropped from its segment, to be built again; `learn` looks for blocks
   * of a segment that another process indexes.
   */
  constructor(onDamage: () => void, learn?: (segment: Segment) => Promise<void>) {
    this.#onDamage = onDamage
    this.#learn = learn
  }

  /** The block that covers `position`; undefined where none does. */
  async find(
    segment: Segment,
    position: number,
  ): Promise<{ readonly block: IndexBlockPlace; readonly index: number } | undefined> {
    const found = segment.blockAt(position)
    if (found !== undefined || this.#learn === undefined) return found
    await this.#learn(segment)
    return segment.blockAt(position)
  }

  /** The segment's blocks from the one at `index` on; fewer where one of them is damaged. */
  async load(segment: Segment, index = 0): Promise<readonly IndexBlock[]> {
    const places = segment.blocks.slice(index)
    const blocks: IndexBlock[] = []
    for (const place of places) {
      const block = this.#cache.get(`${segment.base}:${place.at}`)
      if (block === undefined) break
      blocks.push(block)
    }
    const missing = places.slice(blocks.length)
    const [first, last] = [missing[0], missing.at(-1)]
    if (first === undefined || last === undefined) return blocks
    const bytes = await readPart(segment.indexPath, first.at, last.at + last.bytes)
    // A file that is gone is a damaged one too: what it told can be had by scanning.
    for (const place of missing) {
      const block = IndexBlock.decode(bytes.subarray(place.at - first.at, place.at - first.at + place.bytes), place)
      if (block === undefined) {
        segment.dropBlocks(segment.blocks.indexOf(place))
        this.#onDamage()
        break
      }
      blocks.push(block)
      this.#remember(`${segment.base}:${place.at}`, block)
    }
    return blocks
  }

  /** The offset of a frame at or before `position`; undefined where no block covers it. */
  async seek(segment: Segment, position: number): Promise<number | undefined> {
    const found = await this.find(segment, position)
    if (found === undefined) return undefined
    const blocks = await this.load(segment, found.index)
    return blocks[0]?.seek(position)
  }

  #remember(key: string, block: IndexBlock): void {
    this.#cache.set(key, block)
    this.#cachedBytes += block.bytes
    for (const [oldest, old] of this.#cache) {
      if (this.#cachedBytes <= cachedBytesMax) break
      this.#cache.delete(oldest)
      this.#cachedBytes -= old.bytes
    }
  }
}

async function readPart(path: string, from: number, to: number): Promise<Buffer> {
  try {
    await using file = await open(path, 'r')
    const bytes = Buffer.allocUnsafeSlow(to - from)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from)
    return bytes.subarray(0, bytesRead)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}
