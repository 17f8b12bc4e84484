/**
 * The head of every record, in memory as on disk (little endian):
 *
 *   0  u32 length   of all that follows this field
 *   4  u8  kind
 *   5  u8  flags    by kind
 *   6  u16 topicBytes
 *   8  topic (UTF-8), then the body
 */
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
  target.writeUInt32LE(recordHeadBytes - 4 + topicBytes + bodyBytes, at)
  target[at + 4] = kind
  target[at + 5] = flags
  target.writeUInt16LE(topicBytes, at + 6)
  return at + recordHeadBytes
}

/** The offset one past the record that starts at `at`. */
export const recordEnd = (bytes: Buffer, at: number): number => at + 4 + bytes.readUInt32LE(at)
export const recordKindAt = (bytes: Buffer, at: number): number => bytes[at + 4] ?? 0
export const recordFlagsAt = (bytes: Buffer, at: number): number => bytes[at + 5] ?? 0
export const recordTopicStart = (at: number): number => at + recordHeadBytes
export const recordTopicEnd = (bytes: Buffer, at: number): number => at + recordHeadBytes + bytes.readUInt16LE(at + 6)
