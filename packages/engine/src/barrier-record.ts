/**
 * A record that says: all that stands below these positions of other partitions came before what follows me in mine.
 * Whoever reads several partitions goes past it only once it has reached them; so a publisher that moves from one
 * process to another keeps its order.
 *
 * Its body (little endian): u16 count, then for each u16 partition, f64 position.
 */
import { type Cursor, type MessageLog, type Partition, type Position, reserveRefused } from './log.ts'
import { recordKind, recordTopicEnd } from './record.ts'

const countBytes = 2
const entryBytes = 10

/** Answers whether the log took it. Its ticket is then `log.lastTicket`. */
export function appendBarrier(log: MessageLog, cursor: Cursor): boolean {
  const at = log.reserve(recordKind.barrier, 0, 0, countBytes + cursor.size * entryBytes)
  if (at === reserveRefused) return false
  const { buffer } = log
  buffer.writeUInt16LE(cursor.size, at)
  let entryAt = at + countBytes
  for (const [partition, position] of cursor) {
    buffer.writeUInt16LE(partition, entryAt)
    buffer.writeDoubleLE(position, entryAt + 2)
    entryAt += entryBytes
  }
  return true
}

export function readBarrier(bytes: Buffer, at: number): Map<Partition, Position> {
  const bodyStart = recordTopicEnd(bytes, at)
  const count = bytes.readUInt16LE(bodyStart)
  const cursor = new Map<Partition, Position>()
  for (let index = 0; index < count; index++) {
    const entryAt = bodyStart + countBytes + index * entryBytes
    cursor.set(bytes.readUInt16LE(entryAt) as Partition, bytes.readDoubleLE(entryAt + 2) as Position)
  }
  return cursor
}
