/**
 * The head of every record, in memory as on disk (little endian):
 *
 *   0  u32 length   of all that follows this field
 *   4  u8  kind
 *   5  u8  flags    by kind
 *   6  u16 topicBytes
 *   8  topic (UTF-8), then the body
 */
import { viewOf } from '@hawser/std'

export const recordHeadBytes = 8

/**
 * Engines look into two: `publish` is indexed by its topic, and `barrier` orders partitions (`barrier-record.ts`).
 * The others belong to the broker.
 */
export const recordKind = { publish: 1, session: 2, horizon: 3, share: 4, barrier: 5 } as const

export const recordBytes = (topicBytes: number, bodyBytes: number): number => recordHeadBytes + topicBytes + bodyBytes

export function writeRecordHead(
  target: Buffer,
  at: number,
  kind: number,
  flags: number,
  topicBytes: number,
  bodyBytes: number,
): number {
  const fields = viewOf(target)
  fields.setUint32(at, recordHeadBytes - 4 + topicBytes + bodyBytes, true)
  fields.setUint8(at + 4, kind)
  fields.setUint8(at + 5, flags)
  fields.setUint16(at + 6, topicBytes, true)
  return at + recordHeadBytes
}

const uint16At = (bytes: Buffer, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)

/** The offset one past the record that starts at `at`. */
export const recordEnd = (bytes: Buffer, at: number): number =>
  at + 4 + uint16At(bytes, at) + uint16At(bytes, at + 2) * 0x10000
export const recordKindAt = (bytes: Buffer, at: number): number => bytes[at + 4] ?? 0
export const recordFlagsAt = (bytes: Buffer, at: number): number => bytes[at + 5] ?? 0
export const recordTopicStart = (at: number): number => at + recordHeadBytes
export const recordTopicEnd = (bytes: Buffer, at: number): number => at + recordHeadBytes + uint16At(bytes, at + 6)
