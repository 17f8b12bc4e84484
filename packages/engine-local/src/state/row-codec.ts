/**
 * How a row lies in LMDB.
 *
 * Key: table, a zero byte, the row's key (UTF-8). LMDB's keys are short, MQTT's topics and client ids may not be: of a
 * longer key the first 1,024 bytes and the SHA-256 of the whole stand there, and the whole key stands in the value.
 * Value (little endian): f64 revision | u16 length of the whole key, 0 where it is in LMDB's key | whole key | value.
 */
import { createHash } from 'node:crypto'

const tableBytesMax = 255
const keyBytesMax = 65_535
const prefixBytesMax = 1024
const headBytes = 10
const afterTable = 0x01
const separator = Buffer.of(0)

export interface EncodedKey {
  readonly key: Buffer
  /** The whole key where LMDB's bears only its beginning, else empty. */
  readonly whole: Buffer
}

export interface DecodedRow {
  readonly key: Buffer
  readonly revision: number
  readonly value: Buffer
}

export function encodeKey(table: string, key: string): EncodedKey {
  const prefix = tablePrefix(table)
  const bytes = Buffer.from(key)
  if (bytes.length > keyBytesMax) throw new RangeError(`a key of ${bytes.length} bytes; at most ${keyBytesMax} will do`)
  if (bytes.length <= prefixBytesMax) return { key: Buffer.concat([prefix, bytes]), whole: Buffer.alloc(0) }
  const digest = createHash('sha256').update(bytes).digest()
  return { key: Buffer.concat([prefix, bytes.subarray(0, prefixBytesMax), digest]), whole: bytes }
}

/** Between which of LMDB's keys the rows of a table lie, from `from` on. */
export function tableRange(table: string, from: string): { readonly start: Buffer; readonly end: Buffer } {
  const prefix = tablePrefix(table)
  const end = Buffer.from(prefix)
  end[end.length - 1] = afterTable
  return { start: Buffer.concat([prefix, Buffer.from(from).subarray(0, prefixBytesMax)]), end }
}

/** The least key that is greater than `key`. */
export const keyAfter = (key: Buffer): Buffer => Buffer.concat([key, separator])

export function encodeValue(revision: number, whole: Buffer, value: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes + whole.length + value.length)
  bytes.writeDoubleLE(revision, 0)
  bytes.writeUInt16LE(whole.length, 8)
  bytes.set(whole, headBytes)
  bytes.set(value, headBytes + whole.length)
  return bytes
}

export const decodeRevision = (stored: Buffer): number => stored.readDoubleLE(0)

export function decodeRow(table: string, storedKey: Buffer, stored: Buffer): DecodedRow {
  const valueStart = headBytes + stored.readUInt16LE(8)
  const whole = stored.subarray(headBytes, valueStart)
  return {
    key: whole.length > 0 ? whole : storedKey.subarray(tablePrefix(table).length),
    revision: decodeRevision(stored),
    value: stored.subarray(valueStart),
  }
}

function tablePrefix(table: string): Buffer {
  const bytes = Buffer.from(`${table}\0`)
  if (bytes.length > tableBytesMax || bytes.indexOf(0) < bytes.length - 1) {
    throw new RangeError(`a table's name is at most ${tableBytesMax - 1} bytes long and has no zero in it`)
  }
  return bytes
}
