/**
 * The start of a broker: rows of the last checkpoints, then the journals from there on. A process alone replays every
 * lane that was left; one among others its own, and of the lanes of others only what is retained, and
 * where shared subscriptions stand.
 */
import {
  type MessageLog,
  type Partition,
  type Position,
  PublishView,
  position as positionOf,
  recordKind,
  recordKindAt,
  type StateChange,
  type StateStore,
  volatilePartition,
} from '@hawser/engine'
import type { ClientId } from '@hawser/std'
import { retainedOf } from '../delivery/retained-view.ts'
import type { RetainedMessages } from '../router/retained.ts'
import type { EndedSession } from '../session/registry.ts'
import { Session } from '../session/session.ts'
import type { GroupFollower } from '../shared/group-follower.ts'
import { GroupRecovery } from '../shared/group-recovery.ts'
import type { RecoveredGroups } from '../shared/shared-subscriptions.ts'
import { type CheckpointRow, checkpointChange, readCheckpoint } from './checkpoint-row.ts'
import { LaneReplay } from './replay.ts'
import { decodeRetained } from './retained-row.ts'
import type { SteadyTime } from './steady-time.ts'
import { laneTable, onlineTable, retainedTable, sessionTable } from './tables.ts'

export interface RecoveryParts {
  readonly log: MessageLog
  readonly state: StateStore
  readonly steady: SteadyTime
  readonly retained: RetainedMessages
  readonly alone: boolean
  /** Learns where groups stand. */
  readonly follower: GroupFollower
  /** Commits are handed over meanwhile: up to where a lane of another is still to be read; undefined: it is. */
  readonly unread: (lane: Partition, next: Position) => Position | undefined
}

export interface Recovered {
  /** Sessions whose row is out of date, without connection. */
  readonly sessions: readonly Session[]
  /** Sessions that ended since the checkpoint. */
  readonly ended: ReadonlyMap<ClientId, EndedSession>
  /** Sessions without connection, in the rows too. */
  readonly sessionsOffline: number
  /** Shared subscriptions with a durable member. */
  readonly groups: RecoveredGroups
  /** Where the journal goes on; undefined where the next checkpoint must say so. */
  readonly next: Position | undefined
  /** Lanes beside the own one that have been replayed. */
  readonly lanes: readonly Partition[]
  /** With the next checkpoint there is nothing left to replay of them. */
  readonly changes: readonly StateChange[]
}

export async function recover(parts: RecoveryParts): Promise<Recovered> {
  const { log, state, retained, alone, follower } = parts
  const groups = new GroupRecovery(log, state, follower)
  // First: what another process writes meanwhile is then in the rows that follow, or is read of its lane.
  const checkpoints = await readCheckpoints(log, state)
  for await (const { value } of state.scan(retainedTable)) retained.load(decodeRetained(value))
  await groups.load()
  const sessions: Session[] = []
  const ended = new Map<ClientId, EndedSession>()
  const lanes: Partition[] = []
  const changes: StateChange[] = []
  const ends = new Map(log.partitions().map(({ partition, end }) => [partition, end]))
  let sessionsOffline = 0
  let next: Position | undefined
  for (const range of log.partitions()) {
    const { partition } = range
    // Nothing of it is older than this process.
    if (partition === volatilePartition) continue
    const checkpoint = checkpoints.get(partition)
    const from = positionOf(Math.max(range.start, checkpoint?.next ?? 0))
    groups.begin(partition, checkpoint)
    if (!alone && partition !== log.own) {
      await readOthers(parts, partition, from)
      continue
    }
    const replay = new LaneReplay(
      { log, state, retained: { apply: (message) => retained.adopt(message) }, groups: follower },
      partition,
      checkpoint,
      await offline(state, checkpoint),
    )
    await replay.run(from)
    for (const [clientId, session] of replay.result(parts.steady.now(), ends)) {
      if (session.state === undefined) ended.set(clientId, { restingKeys: session.restingKeys, epoch: 0 })
      else sessions.push(restored(session.state, session.stored === session.state.number, log.own))
    }
    sessionsOffline += replay.sessionsOffline
    // A log that never had a record needs no checkpoint either.
    const isRead = (checkpoint?.next ?? 0) === range.end
    if (partition === log.own) {
      if (isRead) next = range.end
    } else if (!isRead || checkpoint?.sessionsOffline !== 0) {
      lanes.push(partition)
      changes.push(...(await leftOver(state, replay, range.end)))
    }
  }
  const replayed = next === undefined || lanes.length > 0
  return {
    ...{ sessions, ended, sessionsOffline, lanes, changes },
    groups: { ...(await groups.finish(sessions, alone)), replayed },
    next: lanes.length > 0 ? undefined : next,
  }
}

async function readCheckpoints(
  log: MessageLog,
  state: StateStore,
): Promise<ReadonlyMap<Partition, CheckpointRow | undefined>> {
  const checkpoints = new Map<Partition, CheckpointRow | undefined>()
  for (const { partition } of log.partitions()) checkpoints.set(partition, await readCheckpoint(state, partition))
  return checkpoints
}

/** What a lane that is replayed to its end leaves in the store: nobody is connected, and nothing is to be replayed. */
export async function leftOver(state: StateStore, replay: LaneReplay, next: Position): Promise<StateChange[]> {
  const { partition, horizon } = replay
  const changes = [checkpointChange({ partition, next, horizon: [...horizon], sessionsOffline: 0 })]
  const table = laneTable(onlineTable, partition)
  for await (const { key } of state.scan(table)) changes.push({ table, key, value: null })
  return changes
}

function restored(state: Parameters<typeof Session.restore>[0], stored: boolean, own: Partition): Session {
  const session = Session.restore(state)
  session.stored = stored
  session.journaled = true
  // The next checkpoint, ahead of all clients, makes it one of this lane.
  session.partition = own
  return session
}

/** Reads until no more has been committed than was read. */
async function readOthers(
  { log, retained, follower, unread }: RecoveryParts,
  partition: Partition,
  from: Position,
): Promise<void> {
  const view = new PublishView()
  let next = from
  for (let end = unread(partition, next); end !== undefined; end = unread(partition, next)) {
    for await (const batch of log.read(partition, next)) {
      for (let index = 0; index < batch.count; index++) {
        const position = positionOf(batch.positions[index] ?? 0)
        if (unread(partition, position) === undefined) return
        next = positionOf(position + 1)
        const at = batch.offsets[index] ?? 0
        if (recordKindAt(batch.bytes, at) !== recordKind.publish) {
          follower.record(batch.bytes, at, partition)
          continue
        }
        if (view.moveTo(batch.bytes, at).retain) retained.apply(retainedOf(view, view.topic, partition, position))
      }
    }
    // Not every number has a record.
    if (end > next) next = end
  }
}

/** Rows of sessions, less those that had a connection, where no checkpoint has counted them. */
async function offline(state: StateStore, checkpoint: CheckpointRow | undefined): Promise<number> {
  if (checkpoint === undefined) return 0
  if (checkpoint.sessionsOffline !== undefined) return checkpoint.sessionsOffline
  let count = 0
  for await (const _ of state.scan(sessionTable)) count++
  for await (const _ of state.scan(onlineTable)) count--
  return count
}
