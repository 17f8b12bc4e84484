/** Builds one index block from the frames of a stretch. */
import { recordEnd, recordKind, recordKindAt, recordTopicEnd, recordTopicStart } from '@hawser/engine'
import { encodeNames } from './dictionary-format.ts'
import { frameCount, frameEnd, frameFirstPosition, frameHeaderBytes, frameIsSound } from './format.ts'
import { type IndexContent, indexBlockBytes, indexIntervalBytes } from './index-block.ts'
import { NameTable } from './name-table.ts'
import { barrierName } from './topic-hash.ts'

/** The stretch to index: `bytes` are those of the segment's file from `fileStart` on. */
export interface Stretch {
  readonly bytes: Buffer
  readonly fileStart: number
  readonly first: number
  /** Where the stretch ends, in the file and in positions; `bytes` may stop short of it, a block further on. */
  readonly fileEnd: number
  readonly next: number
}

/** Where names are put: `undefined` where there is no room for one more. */
export interface NameStore {
  readonly bytes: number
  /** Answers whether the store has the name now. */
  keep(name: Buffer): boolean
  /** Makes what was kept durable. */
  flush(): void
}

/** Keys sort by hash and tell the topic: there are fewer topics in a block than this. */
const topicsPerBlockMax = 2 ** 21
/** Of a delta in LEB128: there are fewer intervals in a block than 2^21. */
const postingBytesMax = 3
const none = -1

/** Which topics occur in which intervals. One is used for block after block, so that its tables need not grow anew. */
class Postings {
  readonly names = new NameTable()
  intervals: number[] = []
  /** Pairs of topic and interval, in order of intervals. */
  #pairs = new Uint32Array(4096)
  #pairWords = 0
  /** The interval in which a topic was seen last, plus 1. */
  #seenIn = new Uint32Array(1024)

  clear(): void {
    this.names.clear()
    this.intervals = []
    this.#pairWords = 0
    this.#seenIn.fill(0)
  }

  addFrame(bytes: Buffer, frame: number, fileStart: number, first: number): void {
    const offset = fileStart + frame
    const intervalStart = this.intervals.at(-1)
    if (intervalStart === undefined || offset - intervalStart >= indexIntervalBytes) {
      this.intervals.push(frameFirstPosition(bytes, frame) - first, offset)
    }
    const intervalCount = this.intervals.length / 2
    const end = frameEnd(bytes, frame)
    for (let at = frame + frameHeaderBytes; at < end; at = recordEnd(bytes, at)) {
      const topic = this.#topicOf(bytes, at)
      if (topic === none) continue
      if (this.#seenIn[topic] !== intervalCount) this.#add(topic, intervalCount)
    }
  }

  /** Topics in order of hash, with their postings. */
  encode(): Pick<IndexContent, 'hashes' | 'postingStarts' | 'postings'> {
    const { names } = this
    const [ends, grouped] = this.#groupByTopic()
    const keys = Float64Array.from({ length: names.count }, (_, topic) => names.hash(topic) * topicsPerBlockMax + topic)
    keys.sort()
    const hashes = new Uint32Array(names.count)
    const postingStarts = new Uint32Array(names.count)
    const postings = new Uint8Array(grouped.length * postingBytesMax)
    let length = 0
    for (let rank = 0; rank < keys.length; rank++) {
      const topic = (keys[rank] ?? 0) % topicsPerBlockMax
      hashes[rank] = names.hash(topic)
      postingStarts[rank] = length
      let previous = 0
      for (let index = topic === 0 ? 0 : (ends[topic - 1] ?? 0); index < (ends[topic] ?? 0); index++) {
        const interval = grouped[index] ?? 0
        length = writeVarint(postings, length, interval - previous)
        previous = interval
      }
    }
    return { hashes, postingStarts, postings: postings.subarray(0, length) }
  }

  #topicOf(bytes: Buffer, at: number): number {
    switch (recordKindAt(bytes, at)) {
      case recordKind.publish:
        return this.names.intern(bytes, recordTopicStart(at), recordTopicEnd(bytes, at))
      case recordKind.barrier:
        return this.names.intern(barrierName, 0, barrierName.length)
      default:
        return none
    }
  }

  #add(topic: number, intervalCount: number): void {
    if (topic >= this.#seenIn.length) this.#seenIn = larger(this.#seenIn)
    this.#seenIn[topic] = intervalCount
    if (this.#pairWords === this.#pairs.length) this.#pairs = larger(this.#pairs)
    this.#pairs[this.#pairWords++] = topic
    this.#pairs[this.#pairWords++] = intervalCount - 1
  }

  /** The intervals, topic by topic, and where those of each topic end. */
  #groupByTopic(): [ends: Uint32Array, grouped: Uint32Array] {
    const next = new Uint32Array(this.names.count)
    for (let at = 0; at < this.#pairWords; at += 2) {
      const topic = this.#pairs[at] ?? 0
      next[topic] = (next[topic] ?? 0) + 1
    }
    let start = 0
    for (let topic = 0; topic < next.length; topic++) {
      const count = next[topic] ?? 0
      next[topic] = start
      start += count
    }
    const grouped = new Uint32Array(this.#pairWords / 2)
    for (let at = 0; at < this.#pairWords; at += 2) {
      const topic = this.#pairs[at] ?? 0
      const index = next[topic] ?? 0
      grouped[index] = this.#pairs[at + 1] ?? 0
      next[topic] = index + 1
    }
    return [next, grouped]
  }
}

export class IndexBuilder {
  readonly #postings = new Postings()

  /** Indexes whole frames from the start of the stretch until a block is full. */
  build(stretch: Stretch, store: NameStore): IndexContent {
    const { bytes, fileStart, first } = stretch
    const postings = this.#postings
    postings.clear()
    let at = 0
    let next = first
    while (at < bytes.length && at < indexBlockBytes) {
      if (!frameIsSound(bytes, at, bytes.length)) return unindexed(stretch, store)
      postings.addFrame(bytes, at, fileStart, first)
      next = frameFirstPosition(bytes, at) + frameCount(bytes, at)
      at = frameEnd(bytes, at)
    }
    const local: Buffer[] = []
    for (let topic = 0; topic < postings.names.count; topic++) {
      const name = postings.names.name(topic)
      if (!store.keep(name)) local.push(name)
    }
    store.flush()
    return {
      first,
      next,
      fileStart,
      fileEnd: fileStart + at,
      dictionaryBytes: store.bytes,
      intervals: postings.intervals,
      ...postings.encode(),
      names: encodeNames(local),
      toScan: false,
    }
  }
}

/** For a stretch with damage: whoever searches it must read it, and so is told. */
const unindexed = ({ fileStart, fileEnd, first, next }: Stretch, store: NameStore): IndexContent => ({
  first,
  next,
  fileStart,
  fileEnd,
  dictionaryBytes: store.bytes,
  intervals: [],
  hashes: new Uint32Array(0),
  postingStarts: new Uint32Array(0),
  postings: new Uint8Array(0),
  names: new Uint8Array(0),
  toScan: true,
})

function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value
  let end = at
  for (; rest >= 0x80; rest >>>= 7) target[end++] = (rest & 0x7f) | 0x80
  target[end++] = rest
  return end
}

function larger(words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const result = new Uint32Array(words.length * 2)
  result.set(words)
  return result
}
