/**
 * A stretch of the ring: records one behind the other, and where each starts. Positions in it have no gaps.
 * The topics are indexed when somebody first searches the chunk, so that appending pays nothing for it.
 */
import { recordKind, recordKindAt, recordTopicEnd, recordTopicStart } from '../record.ts'

const offsetsAtFirst = 1024

export interface ChunkTopic {
  readonly topic: string
  /** Which records of the chunk bear it, in order. */
  readonly ordinals: number[]
}

export class Chunk {
  readonly buffer: Buffer
  readonly firstPosition: number
  /** How many batches of it are in somebody's hands: such a buffer is left to the garbage collector, never reused. */
  pins = 0
  /** Of records reserved; those committed are the log's to know. */
  count = 0
  bytesUsed = 0
  offsets = new Uint32Array(offsetsAtFirst)
  /** Keyed by the topic's bytes read as Latin-1: quicker to make than UTF-8, and as unique. */
  readonly #topics = new Map<string, ChunkTopic>()
  readonly #barriers: number[] = []
  #indexed = 0

  constructor(buffer: Buffer, firstPosition: number) {
    this.buffer = buffer
    this.firstPosition = firstPosition
  }

  get endPosition(): number {
    return this.firstPosition + this.count
  }

  /** Takes `bytes` for the next record and answers where it starts. The caller has made sure that they fit. */
  take(bytes: number): number {
    const at = this.bytesUsed
    if (this.count === this.offsets.length) this.#growOffsets()
    this.offsets[this.count++] = at
    this.bytesUsed = at + bytes
    return at
  }

  /** The topics of the first `count` records, by their bytes read as Latin-1. */
  topics(count: number): ReadonlyMap<string, ChunkTopic> {
    for (; this.#indexed < count; this.#indexed++) this.#index(this.#indexed)
    return this.#topics
  }

  /** Which of the first `count` records are barriers, in order. */
  barriers(count: number): readonly number[] {
    this.topics(count)
    return this.#barriers
  }

  #index(ordinal: number): void {
    const at = this.offsets[ordinal] ?? 0
    const kind = recordKindAt(this.buffer, at)
    if (kind === recordKind.barrier) this.#barriers.push(ordinal)
    if (kind !== recordKind.publish) return
    const start = recordTopicStart(at)
    const end = recordTopicEnd(this.buffer, at)
    const key = this.buffer.toString('latin1', start, end)
    const known = this.#topics.get(key)
    if (known === undefined)
      this.#topics.set(key, { topic: this.buffer.toString('utf8', start, end), ordinals: [ordinal] })
    else known.ordinals.push(ordinal)
  }

  #growOffsets(): void {
    const grown = new Uint32Array(this.offsets.length * 2)
    grown.set(this.offsets)
    this.offsets = grown
  }
}
