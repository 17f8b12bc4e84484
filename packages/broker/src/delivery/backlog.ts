/**
 * What a session that was away may still get of its backlog: past the bounds the oldest goes, and each is counted. The
 * backlog costs nothing while nobody reads it, so it is counted when its session reads it, and only where it may be
 * too large.
 */
import {
  type FilterSpan,
  type MessageLog,
  type PartitionRange,
  type Position,
  PublishView,
  recordEnd,
  recordKind,
  recordKindAt,
} from '@hawser/engine'
import type { Limits } from '../limits/limits.ts'

/** How much is to be passed over; it shrinks as it is. */
export interface BacklogExcess {
  messages: number
  bytes: number
}

/** Whether what lies between two positions may be more than a session's backlog may be; cheap, and errs to yes. */
export function mayExceed(
  { backlogMessagesMax, backlogBytesMax }: Limits,
  range: PartitionRange,
  from: Position,
): boolean {
  const ahead = range.end - from
  if (backlogMessagesMax > 0 && ahead > backlogMessagesMax) return true
  // Records differ in size: twice the average is a guess that is seldom too low.
  const guessedBytes = (2 * ahead * range.bytes) / Math.max(1, range.end - range.start)
  return backlogBytesMax > 0 && guessedBytes > backlogBytesMax
}

/** Counts what matches from a position on. */
export async function backlogExcess(
  { backlogMessagesMax, backlogBytesMax }: Limits,
  log: Pick<MessageLog, 'find'>,
  { partition, end }: PartitionRange,
  from: Position,
  spans: readonly FilterSpan[],
): Promise<BacklogExcess> {
  const view = new PublishView()
  let messages = 0
  let bytes = 0
  for await (const batch of log.find(partition, from, spans)) {
    for (let index = 0; index < batch.count && (batch.positions[index] ?? 0) < end; index++) {
      const at = batch.offsets[index] ?? 0
      if (recordKindAt(batch.bytes, at) === recordKind.barrier) continue
      if (view.moveTo(batch.bytes, at).qos === 0) continue
      messages++
      bytes += recordEnd(batch.bytes, at) - at
    }
  }
  return {
    messages: backlogMessagesMax > 0 ? Math.max(0, messages - backlogMessagesMax) : 0,
    bytes: backlogBytesMax > 0 ? Math.max(0, bytes - backlogBytesMax) : 0,
  }
}

/** Whether the next message is one too many; then it is taken off. */
export function passesOver(excess: BacklogExcess, messageBytes: number): boolean {
  if (excess.messages <= 0 && excess.bytes <= 0) return false
  excess.messages--
  excess.bytes -= messageBytes
  return true
}
