/** Reads and writes of the hot path. The caller has checked the bounds, hence the assertions: V8 inlines these. */

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
