/** Lanes as tests make them: batches of frames without a worker, and a reader of files that shares nothing with ours. */
import { readFileSync } from 'node:fs'

import { recordKind } from '@hawser/engine'
import type { PlainRecord } from '@hawser/engine/contract'
import { nodeFiles } from '../files.ts'
import { GatherBuffer } from '../gather-buffer.ts'
import { SegmentWriter, type SegmentWriterOptions } from '../segment-writer.ts'

export const testLogId = Buffer.alloc(16, 7)

/** Gathers and commits batch by batch, in this thread. */
export class Lane {
  readonly writer: SegmentWriter
  readonly #gathered: GatherBuffer

  constructor(folder: string, options: Partial<SegmentWriterOptions> = {}) {
    const base = options.base ?? 0
    const defaults = { files: nodeFiles, folder, lane: 0, epoch: 1, logId: testLogId, segmentBytes: 1 << 20, base }
    this.writer = new SegmentWriter({ ...defaults, ...options })
    const sizes = { pendingBytesMax: 1 << 20, recentBytesMax: 0, recordBytesMax: 1 << 19 }
    this.#gathered = new GatherBuffer({ ...sizes, base, onPending: () => undefined })
  }

  batch(
    records: readonly PlainRecord[],
    encoding: BufferEncoding = 'utf8',
  ): { readonly bytes: Buffer; readonly next: number } {
    for (const record of records) {
      const topic = Buffer.from(record.topic)
      const body = Buffer.from(record.body, encoding)
      const at = this.#gathered.reserve(record.kind, record.flags, topic.length, body.length)
      topic.copy(this.#gathered.buffer, at)
      body.copy(this.#gathered.buffer, at + topic.length)
    }
    const range = this.#gathered.take()
    if (range === undefined) throw new RangeError('a batch has records')
    const bytes = Buffer.from(this.#gathered.buffer.subarray(range.start, range.end))
    this.#gathered.release(range)
    return { bytes, next: range.next }
  }

  commit(records: readonly PlainRecord[]): ReturnType<SegmentWriter['commit']> {
    const { bytes, next } = this.batch(records)
    return this.writer.commit(bytes, next, 1_700_000_000_000_000)
  }
}

export const numbered = (count: number, from = 0, topic = 'n'): PlainRecord[] =>
  Array.from({ length: count }, (_, index) => ({ kind: recordKind.publish, flags: 0, topic, body: `${from + index}` }))

export interface ParsedRecord {
  readonly position: number
  readonly kind: number
  readonly topic: string
  readonly body: string
}

export interface ParsedFrame {
  readonly offset: number
  readonly bytes: number
  readonly durableUpTo: number
  readonly records: readonly ParsedRecord[]
}

/** The frames of a segment file up to the first bytes that are none, by an implementation of its own. */
export function parseSegment(path: string): { readonly frames: readonly ParsedFrame[]; readonly isSealed: boolean } {
  const bytes = readFileSync(path)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const u64 = (at: number): number => Number(view.getBigUint64(at, true))
  const frames: ParsedFrame[] = []
  let at = 64
  while (at + 40 <= bytes.length && bytes.toString('latin1', at, at + 4) === 'HWFR') {
    const end = at + 40 + view.getUint32(at + 4, true)
    if (end > bytes.length || crc32(bytes.subarray(at + 12, end)) !== view.getUint32(at + 8, true)) break
    const records: ParsedRecord[] = []
    for (let record = at + 40; record < end; record += 4 + view.getUint32(record, true)) {
      const topicEnd = record + 8 + view.getUint16(record + 6, true)
      records.push({
        position: u64(at + 16) + records.length,
        kind: bytes[record + 4] ?? 0,
        topic: bytes.toString('utf8', record + 8, topicEnd),
        body: bytes.toString('utf8', topicEnd, record + 4 + view.getUint32(record, true)),
      })
    }
    if (records.length !== view.getUint32(at + 12, true)) break
    frames.push({ offset: at, bytes: end - at, durableUpTo: u64(at + 32), records })
    at = end
  }
  return { frames, isSealed: bytes.toString('latin1', at, at + 4) === 'HWSL' }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, value) => {
  let crc = value
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

/** The checksum of ISO 3309, by table, so that ours is checked by another. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] ?? 0)
  return ~crc >>> 0
}
