/**
 * The lane's files, version 1 (little endian). A lane is a folder of segments; a segment is a header, frames and, once
 * it is closed in good order, a seal. A segment's file bears the position of its first record as its name.
 *
 *   header   0 u32 magic · 4 u32 version · 8 u32 lane · 12 u32 0 · 16 u64 epoch · 24 u64 base position
 *            32 u64 created, µs · 40 16 bytes log id · 56 u32 0 · 60 u32 crc32 of all before
 *   frame    0 u32 magic · 4 u32 bodyBytes · 8 u32 crc32 of all behind it · 12 u32 count · 16 u64 first position
 *            24 u64 committed, µs · 32 u64 durableUpTo: all positions below were durable before this was written
 *            40 records as `record.ts` of the engine lays them out, at consecutive positions
 *   seal     as a frame without records, with a magic of its own; its position is the segment's end, its durableUpTo
 *            the position that the next segment starts with: further on where numbers were cut off
 *
 * Imported by the commit worker, so it imports next to nothing.
 */
import { crc32 } from 'node:zlib'

export const formatVersion = 1
export const segmentHeaderBytes = 64
export const frameHeaderBytes = 40
/** A frame is closed before it grows past this; a record that is larger has a frame of its own. */
export const frameBytesMax = 32 * 1024

export const segmentMagic = 0x47535748 // 'HWSG'
export const frameMagic = 0x52465748 // 'HWFR'
export const sealMagic = 0x4c535748 // 'HWSL'

export const segmentSuffix = '.log'
export const indexSuffix = '.index'
const positionDigits = 16

export const laneFolderName = (lane: number): string => `lane-${String(lane).padStart(5, '0')}`
/** The lane whose folder bears the name, or undefined where it is not one of ours. */
export function laneOfFolder(name: string): number | undefined {
  const digits = /^lane-(\d{5})$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

export const segmentName = (base: number): string => String(base).padStart(positionDigits, '0') + segmentSuffix
export const indexName = (base: number): string => String(base).padStart(positionDigits, '0') + indexSuffix

/** The position in a file's name, or undefined where the name is not one of ours. */
export function baseOfName(name: string, suffix: string): number | undefined {
  if (name.length !== positionDigits + suffix.length || !name.endsWith(suffix)) return undefined
  const digits = name.slice(0, positionDigits)
  return /^\d+$/.test(digits) ? Number(digits) : undefined
}

const word = 2 ** 32

export function writeU64(target: Buffer, value: number, at: number): void {
  target.writeUInt32LE(value % word, at)
  target.writeUInt32LE(Math.floor(value / word), at + 4)
}

export const readU64 = (source: Buffer, at: number): number =>
  source.readUInt32LE(at) + source.readUInt32LE(at + 4) * word

export interface SegmentHeader {
  readonly lane: number
  readonly epoch: number
  readonly base: number
  readonly createdMicros: number
  readonly logId: Uint8Array
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(segmentHeaderBytes)
  bytes.writeUInt32LE(segmentMagic, 0)
  bytes.writeUInt32LE(formatVersion, 4)
  bytes.writeUInt32LE(header.lane, 8)
  writeU64(bytes, header.epoch, 16)
  writeU64(bytes, header.base, 24)
  writeU64(bytes, header.createdMicros, 32)
  bytes.set(header.logId, 40)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
  return bytes
}

export type DecodedHeader =
  | { readonly kind: 'segment'; readonly header: SegmentHeader }
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'damaged' }

export function decodeSegmentHeader(bytes: Buffer): DecodedHeader {
  if (bytes.length < segmentHeaderBytes || bytes.readUInt32LE(0) !== segmentMagic) return { kind: 'damaged' }
  if (crc32(bytes.subarray(0, 60)) !== bytes.readUInt32LE(60)) return { kind: 'damaged' }
  const version = bytes.readUInt32LE(4)
  if (version !== formatVersion) return { kind: 'version', version }
  return {
    kind: 'segment',
    header: {
      lane: bytes.readUInt32LE(8),
      epoch: readU64(bytes, 16),
      base: readU64(bytes, 24),
      createdMicros: readU64(bytes, 32),
      logId: Uint8Array.from(bytes.subarray(40, 56)),
    },
  }
}

export const frameEnd = (bytes: Buffer, at: number): number => at + frameHeaderBytes + bytes.readUInt32LE(at + 4)
export const frameCount = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at + 12)
export const frameFirstPosition = (bytes: Buffer, at: number): number => readU64(bytes, at + 16)
export const frameCommittedMicros = (bytes: Buffer, at: number): number => readU64(bytes, at + 24)
export const frameDurableUpTo = (bytes: Buffer, at: number): number => readU64(bytes, at + 32)

/** What the appender knows when it closes a frame; `stampFrame` adds the rest before it is written. */
export function writeFrameHead(target: Buffer, at: number, bodyBytes: number, count: number, first: number): void {
  target.writeUInt32LE(frameMagic, at)
  target.writeUInt32LE(bodyBytes, at + 4)
  target.writeUInt32LE(count, at + 12)
  writeU64(target, first, at + 16)
}

export function stampFrame(target: Buffer, at: number, committedMicros: number, durableUpTo: number): void {
  writeU64(target, committedMicros, at + 24)
  writeU64(target, durableUpTo, at + 32)
  target.writeUInt32LE(crc32(target.subarray(at + 12, frameEnd(target, at))), at + 8)
}

export function encodeSeal(end: number, nextBase: number, committedMicros: number): Buffer {
  const bytes = Buffer.alloc(frameHeaderBytes)
  writeFrameHead(bytes, 0, 0, 0, end)
  bytes.writeUInt32LE(sealMagic, 0)
  stampFrame(bytes, 0, committedMicros, nextBase)
  return bytes
}

/** Whether a whole frame (or seal, by `magic`) with the right checksum starts at `at`. */
export function frameIsSound(bytes: Buffer, at: number, end: number, magic = frameMagic): boolean {
  if (at + frameHeaderBytes > end || bytes.readUInt32LE(at) !== magic) return false
  const next = frameEnd(bytes, at)
  return next <= end && crc32(bytes.subarray(at + 12, next)) === bytes.readUInt32LE(at + 8)
}
