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

const digits = (partition: Partition): string => String(partition).padStart(partitionDigits, '0')

export function restingKey(partition: Partition, lowest: number, clientId: ClientId): string {
  return `${digits(partition)}/${String(lowest).padStart(positionDigits, '0')}/${clientId}`
}

/**
 * The keys of a session without connection: one for each partition that there is, so that the owner of each finds what
 * it has to keep, and where more may come the newest that the session knows: it needs all of the next.
 */
export function restingKeysOf(session: Session, partitions: Iterable<Partition>, moreMayCome: boolean): string[] {
  const known = [...partitions]
  const keys = known.map((partition) => restingKey(partition, lowestOf(session, partition), session.clientId))
  if (moreMayCome) keys.push(`${newest}${digits(Math.max(...known) as Partition)}/${session.clientId}`)
  return keys
}

const newest = 'newest/'

/** The lowest position that a session in the store needs. */
export async function lowestStored(state: StateStore, partition: Partition): Promise<Position> {
  for await (const { key } of state.scan(restingTable, newest)) {
    if (!key.startsWith(newest)) break
    // It rested before this partition was born.
    if (Number(key.slice(newest.length, newest.length + partitionDigits)) < partition) return positionOf(0)
    break
  }
  const prefix = `${digits(partition)}/`
  for await (const { key } of state.scan(restingTable, prefix)) {
    if (!key.startsWith(prefix)) break
    return positionOf(Number(key.slice(partitionDigits + 1, partitionDigits + 1 + positionDigits)))
  }
  return positionOf(Number.POSITIVE_INFINITY)
}
