/**
 * The head of every payload (little endian), patched in place in packets that were encoded once:
 *
 *    0  u32 sequence     of its publisher, from 0
 *    4  u16 publisher
 *    6  u16 mark         so that foreign bytes are not counted
 *    8  f64 sentMs       monotonic; 0: this message is no latency sample
 */
export const payloadBytesMin = 16
const mark = 0x4857

export function createPayload(bytes: number, publisher: number): Buffer {
  if (bytes < payloadBytesMin) throw new RangeError(`a payload has at least ${payloadBytesMin} bytes`)
  const payload = Buffer.alloc(bytes, 'hawser')
  payload.writeUInt32LE(0, 0)
  payload.writeUInt16LE(publisher, 4)
  payload.writeUInt16LE(mark, 6)
  payload.writeDoubleLE(0, 8)
  return payload
}

export function patchSequence(bytes: Buffer, at: number, sequence: number): void {
  bytes[at] = sequence
  bytes[at + 1] = sequence >>> 8
  bytes[at + 2] = sequence >>> 16
  bytes[at + 3] = sequence >>> 24
}

export const patchSentMs = (bytes: Buffer, at: number, sentMs: number): number => bytes.writeDoubleLE(sentMs, at + 8)

export const isMarked = (bytes: Buffer, at: number): boolean =>
  ((bytes[at + 6] as number) | ((bytes[at + 7] as number) << 8)) === mark

export const sequenceAt = (bytes: Buffer, at: number): number =>
  ((bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)) >>>
  0

export const publisherAt = (bytes: Buffer, at: number): number =>
  (bytes[at + 4] as number) | ((bytes[at + 5] as number) << 8)

/** Most messages are no sample: the highest byte of their double is 0. */
export const isSample = (bytes: Buffer, at: number): boolean => bytes[at + 15] !== 0

export const sentMsAt = (bytes: Buffer, at: number): number => bytes.readDoubleLE(at + 8)
