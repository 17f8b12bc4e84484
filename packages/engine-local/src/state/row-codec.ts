/**
 * How a row lies in LMDB.
 *
 * Key: table, a zero byte, the row's key (UTF-8). LMDB's keys are short, MQTT's topics and client ids may not be: of a
 * longer key the first 1,024 bytes and the SHA-256 of the whole stand there, and the whole key stands in the value.
 * Value (little endian): u32 crc32 of LMDB's key and all that follows this field | u32 magic | f64 revision |
 * u16 length of the whole key, 0 where it is in LMDB's key | whole key | value. Rows of older versions begin with the
 * revision, and nothing proves them; each is written the new way when it changes.
 */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { HawserError } from '@hawser/std'

const tableBytesMax = 255
const keyBytesMax = 65_535
const prefixBytesMax = 1024
/** No revision's upper half is near it: those of whole numbers lie between 0x3FF00000 and 0x43400000. */
const rowMagic = 0x9a574852 // 'RHW' and a byte that makes it no revision
const proofBytes = 8
const headBytes = 10
const oldRevisions = { from: 0x3ff00000, to: 0x43400000 } as const
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

export function encodeValue(key: Buffer, revision: number, whole: Buffer, value: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(proofBytes + headBytes + whole.length + value.length)
  bytes.writeUInt32LE(rowMagic, 4)
  bytes.writeDoubleLE(revision, proofBytes)
  bytes.writeUInt16LE(whole.length, proofBytes + 8)
  bytes.set(whole, proofBytes + headBytes)
  bytes.set(value, proofBytes + headBytes + whole.length)
  bytes.writeUInt32LE(proofOf(key, bytes), 0)
  return bytes
}

const proofOf = (key: Buffer, bytes: Buffer): number => crc32(bytes.subarray(4), crc32(key))

/** Where the revision stands in a stored value; undefined where the value is damaged. */
function headOf(key: Buffer, stored: Buffer): number | undefined {
  if (stored.length < headBytes) return undefined
  const second = stored.readUInt32LE(4)
  if (second === rowMagic) {
    const isSound = stored.length >= proofBytes + headBytes && stored.readUInt32LE(0) === proofOf(key, stored)
    return isSound ? proofBytes : undefined
  }
  return second >= oldRevisions.from && second <= oldRevisions.to ? 0 : undefined
}

/** Throws `DATA_CORRUPT` where the row is not what was written. */
export function decodeRevision(key: Buffer, stored: Buffer): number {
  const head = headOf(key, stored)
  if (head === undefined) throw damagedRow(key)
  return stored.readDoubleLE(head)
}

/** Throws `DATA_CORRUPT` where the row is not what was written. */
export function decodeRow(table: string, storedKey: Buffer, stored: Buffer): DecodedRow {
  const head = headOf(storedKey, stored)
  if (head === undefined) throw damagedRow(storedKey)
  const wholeStart = head + headBytes
  const valueStart = wholeStart + stored.readUInt16LE(head + 8)
  const whole = stored.subarray(wholeStart, valueStart)
  return {
    key: whole.length > 0 ? whole : storedKey.subarray(tablePrefix(table).length),
    revision: stored.readDoubleLE(head),
    value: stored.subarray(valueStart),
  }
}

/** Table and key of a row, for people. */
export const rowName = (storedKey: Buffer): string => storedKey.toString('utf8').replace('\0', ' ')

const damagedRow = (storedKey: Buffer): HawserError =>
  new HawserError('DATA_CORRUPT', `the row ${JSON.stringify(rowName(storedKey))} of the state is damaged`, {
    mend: 'look at the disk’s health; hawser log verify tells what else is damaged, hawser restore brings a backup back',
  })

function tablePrefix(table: string): Buffer {
  const bytes = Buffer.from(`${table}\0`)
  if (bytes.length > tableBytesMax || bytes.indexOf(0) < bytes.length - 1) {
    throw new RangeError(`a table's name is at most ${tableBytesMax - 1} bytes long and has no zero in it`)
  }
  return bytes
}
