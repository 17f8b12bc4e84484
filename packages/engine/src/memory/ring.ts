/**
 * The memory of a log: chunks, the oldest given up for the newest, never more than `bytesMax` of them together.
 * What is not committed yet is never given up: then there is no room.
 */
import { Chunk } from './chunk.ts'

/** Small enough that giving one up forgets little, large enough that changing to the next one costs nothing. */
const chunksPerRing = 16
const chunkBytesMax = 1 << 20

export class Ring {
  readonly #bytesMax: number
  readonly #chunkBytes: number
  readonly #chunks: Chunk[] = []
  #bytesHeld = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
    this.#chunkBytes = Math.max(1, Math.min(chunkBytesMax, Math.floor(bytesMax / chunksPerRing)))
  }

  get chunks(): readonly Chunk[] {
    return this.#chunks
  }

  /** The oldest position that is still held; `end` where nothing is. */
  start(end: number): number {
    return this.#chunks[0]?.firstPosition ?? end
  }

  /** A chunk with room for `bytes`, at the end of the ring; undefined where only uncommitted chunks could make way. */
  extend(bytes: number, firstPosition: number, committed: number): Chunk | undefined {
    const wanted = Math.max(bytes, this.#chunkBytes)
    let reusable: Buffer | undefined
    while (this.#bytesHeld + wanted > this.#bytesMax) {
      const oldest = this.#chunks[0]
      if (oldest === undefined || oldest.endPosition > committed) return undefined
      this.#chunks.shift()
      this.#bytesHeld -= oldest.buffer.length
      if (oldest.pins === 0 && oldest.buffer.length === wanted) reusable = oldest.buffer
    }
    const chunk = new Chunk(reusable ?? Buffer.allocUnsafeSlow(wanted), firstPosition)
    this.#chunks.push(chunk)
    this.#bytesHeld += wanted
    return chunk
  }

  /** The chunk that holds `position`, by binary search; undefined where it is gone or not there yet. */
  chunkAt(position: number): Chunk | undefined {
    let low = 0
    let high = this.#chunks.length - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const chunk = this.#chunks[middle]
      if (chunk === undefined || position < chunk.firstPosition) high = middle - 1
      else if (position >= chunk.endPosition) low = middle + 1
      else return chunk
    }
    return undefined
  }

  bytesUsed(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.bytesUsed, 0)
  }

  clear(): void {
    this.#chunks.length = 0
    this.#bytesHeld = 0
  }
}
