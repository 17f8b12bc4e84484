/**
 * A message of a lane's stream, version 1 (little endian): u8 version | u8 kind | u16 records | u32 epoch | f64 number |
 * f64 position of the first record | records, one behind the other (`record.ts` of the engine).
 *
 * A lane's lives have epochs; a life numbers its messages, so that whoever finds one knows whether it is its own. A
 * `fence` has no records: behind it nothing of an older epoch can be stored, since each message names its predecessor.
 * A barrier is the last record of its message.
 */
import { type Cursor, type RecordPlaces, readBarrier, recordEnd, recordKind, recordKindAt } from '@hawser/engine'
import { HawserError } from '@hawser/std'

const version = 1
const kinds = ['records', 'fence'] as const
export const messageHeadBytes = 24

export const recordsPerMessageMax = 0xffff

export interface MessageHead {
  readonly kind: (typeof kinds)[number]
  readonly count: number
  readonly epoch: number
  readonly number: number
  /** Position of its first record; of a fence that of the next one, whoever appends it. */
  readonly first: number
}

export function writeMessageHead(bytes: Buffer, { kind, count, epoch, number, first }: MessageHead): void {
  bytes[0] = version
  bytes[1] = kinds.indexOf(kind)
  bytes.writeUInt16LE(count, 2)
  bytes.writeUInt32LE(epoch, 4)
  bytes.writeDoubleLE(number, 8)
  bytes.writeDoubleLE(first, 16)
}

export function encodeFence(epoch: number, first: number): Buffer {
  const bytes = Buffer.alloc(messageHeadBytes)
  writeMessageHead(bytes, { kind: 'fence', count: 0, epoch, number: 0, first })
  return bytes
}

/** Throws `LOG_FAILED` for what this version does not know: whoever passed it over would lose messages. */
export function readMessageHead(bytes: Buffer): MessageHead {
  const kind = bytes.length >= messageHeadBytes && bytes[0] === version ? kinds[bytes[1] ?? -1] : undefined
  if (kind === undefined) {
    throw new HawserError('LOG_FAILED', `the log has a message of version ${bytes[0]}, this one reads ${version}`, {
      mend: 'run the version that the other nodes run',
    })
  }
  return {
    kind,
    count: bytes.readUInt16LE(2),
    epoch: bytes.readUInt32LE(4),
    number: bytes.readDoubleLE(8),
    first: bytes.readDoubleLE(16),
  }
}

/** One past the position of its last record. */
export const endOf = ({ first, count }: MessageHead): number => first + count

/** Finds the records of a message at the position `from` and behind; answers with the barrier that ends it. */
export function placeRecords(
  bytes: Buffer,
  { count, first }: MessageHead,
  from: number,
  places: RecordPlaces,
): Cursor | undefined {
  places.clear()
  let last = 0
  for (let at = messageHeadBytes, ordinal = 0; ordinal < count; at = recordEnd(bytes, at), ordinal++) {
    if (first + ordinal >= from) places.add(at, first + ordinal)
    last = at
  }
  const endsInBarrier = count > 0 && recordKindAt(bytes, last) === recordKind.barrier
  return endsInBarrier ? readBarrier(bytes, last) : undefined
}
