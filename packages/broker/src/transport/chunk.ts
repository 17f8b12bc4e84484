/** Memory for output. Chunks are shared by reference count and go back to the pool when the last byte is out. */
import { viewOf } from '@hawser/std'

export const smallChunkBytes = 2_048
export const largeChunkBytes = 65_536
const pooledBytesMax = 32 * 1_048_576

export class Chunk {
  readonly buffer: Buffer
  used = 0
  references = 1

  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(bytes)
    // Copies into it go by words.
    viewOf(this.buffer)
  }

  get free(): number {
    return this.buffer.length - this.used
  }
}

export class ChunkPool {
  readonly #small: Chunk[] = []
  readonly #large: Chunk[] = []
  readonly #bytesMax: () => number
  #pooledBytes = 0
  #heldBytes = 0

  /** `bytesMax`: what may be held before whoever gathers much must wait. */
  constructor(bytesMax: () => number) {
    this.#bytesMax = bytesMax
  }

  /** Of chunks that somebody holds. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** All outputs together hold more than is meant for them. */
  get crowded(): boolean {
    return this.#heldBytes > this.#bytesMax()
  }

  /** A chunk with room for at least `bytes`, held by the caller. */
  take(bytes: number): Chunk {
    const chunk = this.#free(bytes)
    this.#heldBytes += chunk.buffer.length
    return chunk
  }

  #free(bytes: number): Chunk {
    if (bytes > largeChunkBytes) return new Chunk(bytes)
    const chunk = (bytes > smallChunkBytes ? this.#large : this.#small).pop()
    if (chunk === undefined) return new Chunk(bytes > smallChunkBytes ? largeChunkBytes : smallChunkBytes)
    this.#pooledBytes -= chunk.buffer.length
    chunk.used = 0
    chunk.references = 1
    return chunk
  }

  release(chunk: Chunk): void {
    chunk.references--
    const bytes = chunk.buffer.length
    if (chunk.references > 0) return
    this.#heldBytes -= bytes
    if (bytes > largeChunkBytes || this.#pooledBytes + bytes > pooledBytesMax) return
    this.#pooledBytes += bytes
    if (bytes === largeChunkBytes) this.#large.push(chunk)
    else this.#small.push(chunk)
  }
}
