/**
 * What goes into the state's stream, version 1 (little endian). A batch of writes that is too large for one message is
 * cut into parts; a writer has one batch under way at a time, and its batches have numbers.
 *
 *   message   u8 version | u8 bytes of the writer's name | u16 part | u16 parts | f64 number of the batch | writer | bytes
 *   batch     u32 writes, each: u32 changes, each: u16 bytes of the table | u32 bytes of the key |
 *             u32 bytes of the value, 0xFFFFFFFF where the row is deleted | f64 expected revision, -1 where any will do |
 *             table | key | value
 */
import type { StateChange } from '@hawser/engine'
import { HawserError } from '@hawser/std'

const messageVersion = 1
const headBytes = 14
const countBytes = 4
const changeBytes = 18
const deleted = 0xffffffff
const anyRevision = -1
const tableBytesMax = 0xffff
const keyBytesMax = 0xffff
const writerBytesMax = 0xff
const partsMax = 0xffff

export interface Proposal {
  readonly writer: string
  readonly number: number
  readonly part: number
  readonly parts: number
  readonly bytes: Buffer
}

/** One write of the port, as it is when it is called. */
export function encodeWrite(changes: readonly StateChange[]): Buffer {
  const encoded = changes.map((change) => ({
    ...change,
    table: Buffer.from(change.table),
    key: Buffer.from(change.key),
  }))
  let size = countBytes
  for (const { table, key, value } of encoded) {
    if (table.length > tableBytesMax) throw new RangeError(`a table's name of ${table.length} bytes is too long`)
    if (key.length > keyBytesMax) throw new RangeError(`a key of ${key.length} bytes; at most ${keyBytesMax} will do`)
    size += changeBytes + table.length + key.length + (value?.length ?? 0)
  }
  const bytes = Buffer.allocUnsafe(size)
  let at = bytes.writeUInt32LE(changes.length)
  for (const { table, key, value, expected } of encoded) {
    at = bytes.writeUInt16LE(table.length, at)
    at = bytes.writeUInt32LE(key.length, at)
    at = bytes.writeUInt32LE(value === null ? deleted : value.length, at)
    at = bytes.writeDoubleLE(expected ?? anyRevision, at)
    for (const part of [table, key, value ?? nothing]) {
      bytes.set(part, at)
      at += part.length
    }
  }
  return bytes
}

export function encodeBatch(writes: readonly Buffer[]): Buffer {
  const count = Buffer.alloc(countBytes)
  count.writeUInt32LE(writes.length)
  return Buffer.concat([count, ...writes])
}

export function* decodeBatch(bytes: Buffer): Generator<readonly StateChange[]> {
  let at = countBytes
  for (let writes = bytes.readUInt32LE(0); writes > 0; writes--) {
    const changes: StateChange[] = []
    const count = bytes.readUInt32LE(at)
    at += countBytes
    for (let index = 0; index < count; index++) {
      const tableEnd = at + changeBytes + bytes.readUInt16LE(at)
      const keyEnd = tableEnd + bytes.readUInt32LE(at + 2)
      const valueBytes = bytes.readUInt32LE(at + 6)
      const expected = bytes.readDoubleLE(at + 10)
      const end = valueBytes === deleted ? keyEnd : keyEnd + valueBytes
      changes.push({
        table: bytes.toString('utf8', at + changeBytes, tableEnd),
        key: bytes.toString('utf8', tableEnd, keyEnd),
        value: valueBytes === deleted ? null : bytes.subarray(keyEnd, end),
        ...(expected === anyRevision ? {} : { expected }),
      })
      at = end
    }
    yield changes
  }
}

/** The messages of a batch, each with at most `partBytesMax` of it. */
export function encodeProposals(writer: string, number: number, batch: Buffer, partBytesMax: number): Buffer[] {
  const parts = Math.max(1, Math.ceil(batch.length / partBytesMax))
  if (parts > partsMax) throw new RangeError(`a batch of ${batch.length} bytes is too large`)
  const name = Buffer.from(writer)
  if (name.length > writerBytesMax) throw new RangeError(`'${writer}' is too long for a writer's name`)
  return Array.from({ length: parts }, (_, part) => {
    const head = Buffer.alloc(headBytes)
    head[0] = messageVersion
    head[1] = name.length
    head.writeUInt16LE(part, 2)
    head.writeUInt16LE(parts, 4)
    head.writeDoubleLE(number, 6)
    return Buffer.concat([head, name, batch.subarray(part * partBytesMax, (part + 1) * partBytesMax)])
  })
}

/** Throws `STATE_FAILED` for a version that this one does not know: whoever cannot read a change must not go on. */
export function decodeProposal(message: Buffer): Proposal {
  if (message[0] !== messageVersion) {
    throw new HawserError('STATE_FAILED', `the state has a message of version ${message[0]}, this one reads 1`, {
      mend: 'run the version that the other nodes run',
    })
  }
  const body = headBytes + message.readUInt8(1)
  return {
    writer: message.toString('utf8', headBytes, body),
    number: message.readDoubleLE(6),
    part: message.readUInt16LE(2),
    parts: message.readUInt16LE(4),
    bytes: message.subarray(body),
  }
}

const nothing = Buffer.alloc(0)
