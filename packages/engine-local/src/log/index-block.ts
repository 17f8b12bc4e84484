/**
 * Where a stretch of a segment (about `indexBlockBytes`) has records of which topic. A segment's sidecar file is such
 * blocks one after the other, each written once the stretch is durable; a missing or damaged one is built again.
 *
 * A frame is the smallest thing that can be read and checked, so topics point to intervals of whole frames, not to
 * records. Topics stand there by hash: a collision costs a look in vain, as what is found is compared by name. Names
 * are in the lane's dictionary; those that it had no room for are in the block itself.
 *
 *    0 u32 magic · 4 u32 version · 8 u32 bodyBytes · 12 u32 crc32 of the body · 16 u64 first position
 *   24 u64 next position · 32 u32 file start · 36 u32 file end · 40 u32 intervals · 44 u32 topics
 *   48 u32 posting bytes · 52 u32 dictionaryBytes · 56 u32 flags (1: no topics, to be scanned) · 60 u32 crc32 of the head
 *   body: intervals × {u32 ordinal of first record, u32 file offset} · topics × u32 hash, ascending
 *         topics × u32 start of its postings · postings (intervals, delta, LEB128) · names {u16 bytes, UTF-8}
 */
import { crc32 } from 'node:zlib'
import { readU64, writeU64 } from './format.ts'

export const indexBlockBytes = 8 << 20
export const indexIntervalBytes = 32 * 1024
export const indexHeadBytes = 64
const indexMagic = 0x58495748 // 'HWIX'
const indexVersion = 1
const scanFlag = 1

/** What stands in a block's head, and where the block is. */
export interface IndexBlockPlace {
  readonly first: number
  readonly next: number
  readonly fileStart: number
  readonly fileEnd: number
  /** How long the dictionary was at least when the block was written. */
  readonly dictionaryBytes: number
  /** Offset and length of the block in the sidecar file. */
  readonly at: number
  readonly bytes: number
}

export interface IndexContent {
  readonly first: number
  readonly next: number
  readonly fileStart: number
  readonly fileEnd: number
  readonly dictionaryBytes: number
  /** Pairs of ordinal and file offset. */
  readonly intervals: readonly number[]
  readonly hashes: Uint32Array
  readonly postingStarts: Uint32Array
  readonly postings: Uint8Array
  readonly names: Uint8Array
  /** The stretch has damage, so that nobody may rely on an index of it. */
  readonly toScan: boolean
}

export function encodeIndexBlock(content: IndexContent): Buffer {
  const { intervals, hashes, postingStarts, postings, names } = content
  const bodyBytes = intervals.length * 4 + hashes.length * 8 + postings.length + names.length
  const block = Buffer.alloc(indexHeadBytes + bodyBytes)
  block.writeUInt32LE(indexMagic, 0)
  block.writeUInt32LE(indexVersion, 4)
  block.writeUInt32LE(bodyBytes, 8)
  writeU64(block, content.first, 16)
  writeU64(block, content.next, 24)
  block.writeUInt32LE(content.fileStart, 32)
  block.writeUInt32LE(content.fileEnd, 36)
  block.writeUInt32LE(intervals.length / 2, 40)
  block.writeUInt32LE(hashes.length, 44)
  block.writeUInt32LE(postings.length, 48)
  block.writeUInt32LE(content.dictionaryBytes, 52)
  block.writeUInt32LE(content.toScan ? scanFlag : 0, 56)
  let at = indexHeadBytes
  for (const words of [intervals, hashes, postingStarts]) for (const value of words) at = block.writeUInt32LE(value, at)
  block.set(postings, at)
  block.set(names, at + postings.length)
  block.writeUInt32LE(crc32(block.subarray(indexHeadBytes)), 12)
  block.writeUInt32LE(crc32(block.subarray(0, 60)), 60)
  return block
}

/** Reads a head that stands at `at` of the sidecar; undefined where it is none. */
export function decodeIndexHead(head: Buffer, at: number): IndexBlockPlace | undefined {
  if (head.length < indexHeadBytes || head.readUInt32LE(0) !== indexMagic) return undefined
  if (head.readUInt32LE(4) !== indexVersion) return undefined
  if (crc32(head.subarray(0, 60)) !== head.readUInt32LE(60)) return undefined
  return {
    first: readU64(head, 16),
    next: readU64(head, 24),
    fileStart: head.readUInt32LE(32),
    fileEnd: head.readUInt32LE(36),
    dictionaryBytes: head.readUInt32LE(52),
    at,
    bytes: indexHeadBytes + head.readUInt32LE(8),
  }
}

export interface FileRegion {
  readonly start: number
  readonly end: number
}

/** A block in memory, read where it lies. */
export class IndexBlock {
  readonly place: IndexBlockPlace
  readonly toScan: boolean
  readonly #bytes: Buffer
  readonly #intervalCount: number
  readonly #topicCount: number
  readonly #hashesAt: number
  readonly #startsAt: number
  readonly #postingsAt: number
  readonly #namesAt: number
  #names: readonly string[] | undefined

  private constructor(bytes: Buffer, place: IndexBlockPlace) {
    this.place = place
    this.#bytes = bytes
    this.toScan = (bytes.readUInt32LE(56) & scanFlag) !== 0
    this.#intervalCount = bytes.readUInt32LE(40)
    this.#topicCount = bytes.readUInt32LE(44)
    this.#hashesAt = indexHeadBytes + this.#intervalCount * 8
    this.#startsAt = this.#hashesAt + this.#topicCount * 4
    this.#postingsAt = this.#startsAt + this.#topicCount * 4
    this.#namesAt = this.#postingsAt + bytes.readUInt32LE(48)
  }

  /** Undefined where the block is not what its place says. */
  static decode(bytes: Buffer, place: IndexBlockPlace): IndexBlock | undefined {
    const found = decodeIndexHead(bytes, place.at)
    if (found === undefined || bytes.length !== place.bytes || found.bytes !== place.bytes) return undefined
    if (crc32(bytes.subarray(indexHeadBytes)) !== bytes.readUInt32LE(12)) return undefined
    return new IndexBlock(bytes, place)
  }

  get bytes(): number {
    return this.#bytes.length
  }

  /** The names (as latin1) that the dictionary does not have. */
  get localNames(): readonly string[] {
    if (this.#names !== undefined) return this.#names
    const names: string[] = []
    for (let at = this.#namesAt; at < this.#bytes.length; ) {
      const start = at + 2
      at = start + this.#bytes.readUInt16LE(at)
      names.push(this.#bytes.toString('latin1', start, at))
    }
    this.#names = names
    return names
  }

  /** The offset of a frame at or before `position`. */
  seek(position: number): number {
    return this.#intervalOffset(this.#intervalAt(position))
  }

  /** The parts of the segment, at or behind `from`, that may hold records of topics with these hashes; in order. */
  regions(hashes: ReadonlySet<number>, from: number): FileRegion[] {
    if (this.toScan) return [{ start: this.place.fileStart, end: this.place.fileEnd }]
    const wanted = new Uint8Array(this.#intervalCount)
    if (hashes.size < this.#topicCount / 16) for (const hash of hashes) this.#markHash(hash, wanted)
    else
      for (let topic = 0; topic < this.#topicCount; topic++)
        if (hashes.has(this.#hash(topic))) this.#mark(topic, wanted)
    return this.#joined(wanted, this.#intervalAt(from))
  }

  #joined(wanted: Uint8Array, from: number): FileRegion[] {
    const regions: FileRegion[] = []
    for (let interval = from; interval < wanted.length; interval++) {
      if (wanted[interval] === 0) continue
      const first = interval
      while (wanted[interval + 1] === 1) interval++
      regions.push({ start: this.#intervalOffset(first), end: this.#intervalOffset(interval + 1) })
    }
    return regions
  }

  #markHash(hash: number, wanted: Uint8Array): void {
    let low = 0
    let high = this.#topicCount
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#hash(middle) < hash) low = middle + 1
      else high = middle
    }
    for (let topic = low; topic < this.#topicCount && this.#hash(topic) === hash; topic++) this.#mark(topic, wanted)
  }

  #mark(topic: number, wanted: Uint8Array): void {
    const end = topic + 1 < this.#topicCount ? this.#postingStart(topic + 1) : this.#namesAt
    for (let at = this.#postingStart(topic), interval = 0; at < end; ) {
      let delta = 0
      for (let shift = 0; ; shift += 7) {
        const byte = this.#bytes[at++] ?? 0
        delta |= (byte & 0x7f) << shift
        if (byte < 0x80) break
      }
      interval += delta
      wanted[interval] = 1
    }
  }

  #intervalAt(position: number): number {
    const ordinal = position - this.place.first
    let low = 0
    let high = this.#intervalCount
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#bytes.readUInt32LE(indexHeadBytes + middle * 8) <= ordinal) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }

  #intervalOffset(interval: number): number {
    if (interval >= this.#intervalCount) return interval === 0 ? this.place.fileStart : this.place.fileEnd
    return this.#bytes.readUInt32LE(indexHeadBytes + interval * 8 + 4)
  }

  #hash(topic: number): number {
    return this.#bytes.readUInt32LE(this.#hashesAt + topic * 4)
  }

  #postingStart(topic: number): number {
    return this.#postingsAt + this.#bytes.readUInt32LE(this.#startsAt + topic * 4)
  }
}
