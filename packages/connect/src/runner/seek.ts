/** Where in the log an operator wants a connector to go on. */
import {
  type Cursor,
  type MessageLog,
  type Partition,
  type PartitionRange,
  type Position,
  position,
} from '@hawser/engine'
import { type EpochMicros, HawserError } from '@hawser/std'
import { everywhere, readMessages } from './message-reader.ts'

export type SeekTarget =
  | { readonly kind: 'oldest' }
  | { readonly kind: 'newest' }
  /** The first record that the log took at this time or later. */
  | { readonly kind: 'time'; readonly time: EpochMicros }
  /** Partitions that are not named stay where they are. */
  | { readonly kind: 'positions'; readonly cursor: Cursor }

export async function resolveSeek(log: MessageLog, target: SeekTarget, signal: AbortSignal): Promise<Cursor> {
  const ranges = log.partitions()
  switch (target.kind) {
    case 'oldest':
      return new Map(ranges.map(({ partition, start }) => [partition, start]))
    case 'newest':
      return new Map(ranges.map(({ partition, end }) => [partition, end]))
    case 'time': {
      const cursor = new Map<Partition, Position>()
      for (const range of ranges) cursor.set(range.partition, await firstSince(log, range, target.time, signal))
      return cursor
    }
    case 'positions':
      for (const [partition, at] of target.cursor) checkInside(ranges, partition, at)
      return target.cursor
    default:
      throw target satisfies never
  }
}

function checkInside(ranges: readonly PartitionRange[], partition: Partition, at: Position): void {
  const range = ranges.find((candidate) => candidate.partition === partition)
  if (range !== undefined && at >= range.start && at <= range.end) return
  const known = ranges.map(({ partition, start, end }) => `${partition}: ${start} to ${end}`).join(', ')
  throw new HawserError('POSITION_GONE', `the log has no position ${at} in partition ${partition}`, {
    mend: `it has ${known}`,
  })
}

/** By halving: times of append grow with positions, but for jumps of the system's clock. */
export async function firstSince(
  log: MessageLog,
  { partition, start, end }: PartitionRange,
  time: EpochMicros,
  signal: AbortSignal,
): Promise<Position> {
  let [low, high] = [start as number, end as number]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const found = await firstMessage(log, { partition, from: position(middle), end: position(high) }, signal)
    if (found === undefined || found.ingestedAt >= time) high = middle
    else low = found.position + 1
  }
  return position(low)
}

/** When the log took its newest record of the partition; undefined where it has none. Positions have gaps: by halving. */
export async function newestTime(
  log: MessageLog,
  { partition, start, end }: PartitionRange,
  signal: AbortSignal,
): Promise<EpochMicros | undefined> {
  let newest: EpochMicros | undefined
  let [low, high] = [start as number, end as number]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const found = await firstMessage(log, { partition, from: position(middle), end: position(high) }, signal)
    if (found === undefined) high = middle
    else {
      newest = found.ingestedAt
      low = found.position + 1
    }
  }
  return newest
}

async function firstMessage(log: MessageLog, range: Parameters<typeof readMessages>[1], signal: AbortSignal) {
  const one = { batchMessagesMax: 1, batchBytesMax: 1 }
  for await (const { messages } of readMessages(log, range, [everywhere('#')], one, signal)) return messages[0]
  return undefined
}
