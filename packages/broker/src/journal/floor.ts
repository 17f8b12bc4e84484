/**
 * What the log must keep: the journal since the checkpoint, and what sessions have not yet acknowledged. Sessions
 * without connection are found by a table in the order of their positions, so that a million of them cost one look.
 */
import {
  type Partition,
  type PartitionRange,
  type Position,
  position as positionOf,
  type StateStore,
} from '@hawser/engine'
import type { ClientId } from '@hawser/std'
import type { SessionRegistry } from '../session/registry.ts'
import type { Session } from '../session/session.ts'
import type { SharedSubscriptions } from '../shared/shared-subscriptions.ts'
import { restingTable } from './tables.ts'

const partitionDigits = 5
const positionDigits = 17

/** The lowest position of one partition that anybody may still need. `stored`: for the journal, and sessions in the store. */
export function lowestNeeded(
  partition: Partition,
  stored: Position,
  { online, resting }: Pick<SessionRegistry, 'online' | 'resting'>,
  shared: SharedSubscriptions,
): Position {
  let lowest = Math.min(stored, shared.lowest(partition))
  for (const session of online.values()) lowest = Math.min(lowest, lowestOf(session, partition))
  for (const session of resting.values()) lowest = Math.min(lowest, lowestOf(session, partition))
  return positionOf(lowest)
}

/** The highest floor that leaves so many bytes of a partition to those who need it, and the journal whole. 0: no bound. */
export function boundedFloor(
  lowest: Position,
  bytesMax: number,
  range: PartitionRange,
  journalFrom: Position,
): Position {
  if (bytesMax === 0 || range.bytes <= bytesMax) return lowest
  const records = (bytesMax / range.bytes) * (range.end - range.start)
  return positionOf(Math.max(lowest, Math.min(journalFrom, Math.floor(range.end - records))))
}

/** The lowest position of one partition that a session still needs; Infinity where it needs nothing old. */
export function lowestOf(session: Session, partition: Partition): number {
  let lowest: number = session.live ? Number.POSITIVE_INFINITY : (session.cursor.get(partition) ?? 0)
  for (const message of session.inflight?.messages() ?? []) {
    if (!message.retained && message.partition === partition) lowest = Math.min(lowest, message.position)
  }
  return lowest
}

export function restingKey(partition: Partition, lowest: number, clientId: ClientId): string {
  const at = String(partition).padStart(partitionDigits, '0')
  return `${at}/${String(lowest).padStart(positionDigits, '0')}/${clientId}`
}

/** The lowest position that a session in the store needs. */
export async function lowestStored(state: StateStore, partition: Partition): Promise<Position> {
  const prefix = String(partition).padStart(partitionDigits, '0')
  for await (const { key } of state.scan(restingTable, prefix)) {
    if (!key.startsWith(prefix)) break
    return positionOf(Number(key.slice(partitionDigits + 1, partitionDigits + 1 + positionDigits)))
  }
  return positionOf(Number.POSITIVE_INFINITY)
}
