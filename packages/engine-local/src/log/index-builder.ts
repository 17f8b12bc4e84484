/** Builds one index block from the frames of a stretch. */
import { recordEnd, recordKind, recordKindAt, recordTopicEnd, recordTopicStart } from '@hawser/engine'
import { encodeNames } from './dictionary-format.ts'
import { frameCount, frameEnd, frameFirstPosition, frameHeaderBytes, frameIsSound } from './format.ts'
import { type IndexContent, indexBlockBytes, indexIntervalBytes } from './index-block.ts'
import { NameTable } from './name-table.ts'

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

class Postings {
  readonly names = new NameTable()
  readonly intervals: number[] = []
  /** Pairs of topic and interval, in order of intervals. */
  readonly #pairs: number[] = []
  readonly #last: number[] = []

  addFrame(bytes: Buffer, frame: number, fileStart: number, first: number): void {
    const offset = fileStart + frame
    const intervalStart = this.intervals.at(-1)
    if (intervalStart === undefined || offset - intervalStart >= indexIntervalBytes) {
      this.intervals.push(frameFirstPosition(bytes, frame) - first, offset)
    }
    const interval = this.intervals.length / 2 - 1
    const end = frameEnd(bytes, frame)
    for (let at = frame + frameHeaderBytes; at < end; at = recordEnd(bytes, at)) {
      if (recordKindAt(bytes, at) !== recordKind.publish) continue
      const topic = this.names.intern(bytes, recordTopicStart(at), recordTopicEnd(bytes, at))
      if (this.#last[topic] === interval) continue
      this.#last[topic] = interval
      this.#pairs.push(topic, interval)
    }
  }

  /** Topics in order of hash, with their postings. */
  encode(): Pick<IndexContent, 'hashes' | 'postingStarts' | 'postings'> {
    const { names } = this
    const byTopic: number[][] = Array.from({ length: names.count }, () => [])
    for (let index = 0; index < this.#pairs.length; index += 2) {
      byTopic[this.#pairs[index] ?? 0]?.push(this.#pairs[index + 1] ?? 0)
    }
    const order = Array.from(byTopic.keys()).sort((left, right) => names.hash(left) - names.hash(right))
    const postings: number[] = []
    const postingStarts = new Uint32Array(order.length)
    for (const [rank, topic] of order.entries()) {
      postingStarts[rank] = postings.length
      let previous = 0
      for (const interval of byTopic[topic] ?? []) {
        pushVarint(postings, interval - previous)
        previous = interval
      }
    }
    const hashes = Uint32Array.from(order, (topic) => names.hash(topic))
    return { hashes, postingStarts, postings: Uint8Array.from(postings) }
  }
}

/** Indexes whole frames from the start of the stretch until a block is full. */
export function buildIndexBlock(stretch: Stretch, store: NameStore): IndexContent {
  const { bytes, fileStart, first } = stretch
  const postings = new Postings()
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

function pushVarint(target: number[], value: number): void {
  let rest = value
  for (; rest >= 0x80; rest >>>= 7) target.push((rest & 0x7f) | 0x80)
  target.push(rest)
}
