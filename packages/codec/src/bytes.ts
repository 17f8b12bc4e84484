/** Reads and copies of the hot path. The caller has checked the bounds, hence the assertions: V8 inlines these. */

export const byteAt = (buffer: Uint8Array, at: number): number => buffer[at] as number

export const uint16At = (buffer: Uint8Array, at: number): number =>
  ((buffer[at] as number) << 8) | (buffer[at + 1] as number)

export const uint32At = (buffer: Uint8Array, at: number): number =>
  (buffer[at] as number) * 0x1000000 +
  (((buffer[at + 1] as number) << 16) | ((buffer[at + 2] as number) << 8) | (buffer[at + 3] as number))

export function writeUint16(target: Uint8Array, at: number, value: number): number {
  target[at] = value >>> 8
  target[at + 1] = value
  return at + 2
}

export function writeUint32(target: Uint8Array, at: number, value: number): number {
  target[at] = value >>> 24
  target[at + 1] = value >>> 16
  target[at + 2] = value >>> 8
  target[at + 3] = value
  return at + 4
}

/** Up to here a loop is faster than the call into native code. */
const loopBytesMax = 40

/** Copies and answers where the copy ends. The ranges may overlap only where the target lies before the source. */
export function copyBytes(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
  const bytes = end - start
  if (bytes > loopBytesMax) source.copy(target, at, start, end)
  else for (let index = 0; index < bytes; index++) target[at + index] = source[start + index] as number
  return at + bytes
}
