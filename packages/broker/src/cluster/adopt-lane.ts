/**
 * Takes over what a dead process has left in its lane: its journal becomes rows, its deadlines are this process's own.
 * Each step may be repeated: who adopts after a crash in the midst of it finds what is done, and does the rest.
 */
import {
  type MessageLog,
  type Partition,
  type PartitionRange,
  type Position,
  position as positionOf,
  type StateChange,
  type StateStore,
} from '@hawser/engine'
import { type ClientId, HawserError } from '@hawser/std'
import { lastOfEach, withoutSession, withSession } from '../journal/checkpoint.ts'
import { readCheckpoint } from '../journal/checkpoint-row.ts'
import type { Deadlines } from '../journal/deadlines.ts'
import { restingKeysOf } from '../journal/floor.ts'
import { leftOver } from '../journal/recovery.ts'
import { LaneReplay, type ReplayedSession } from '../journal/replay.ts'
import type { SessionState } from '../journal/session-state.ts'
import type { SteadyTime } from '../journal/steady-time.ts'
import { sessionTable } from '../journal/tables.ts'
import type { RetainedMessages } from '../router/retained.ts'
import { duesOf } from '../session/dues.ts'
import { Session } from '../session/session.ts'

export interface AdoptLaneParts {
  readonly log: MessageLog
  readonly state: StateStore
  readonly retained: RetainedMessages
  readonly deadlines: Deadlines
  readonly checkpoint: () => Promise<void>
  readonly ends: () => ReadonlyMap<Partition, Position>
  readonly steady: SteadyTime
}

/** Answers how many sessions without connection the lane had counted. */
export async function adoptLane(parts: AdoptLaneParts, range: PartitionRange): Promise<number> {
  const { log, state, retained, deadlines, ends, steady } = parts
  const { partition } = range
  const checkpoint = await readCheckpoint(state, partition)
  const replay = new LaneReplay(
    { log, state, retained: { apply: (message) => retained.adopt(message) }, groups: undefined },
    partition,
    checkpoint,
    checkpoint?.sessionsOffline ?? 0,
  )
  await replay.run(positionOf(Math.max(range.start, checkpoint?.next ?? 0)))
  const applied = positionOf(range.end - 1)
  for (const [clientId, session] of replay.result(steady.now(), new Map(ends()))) {
    const { state: replayed } = session
    const changes =
      replayed === undefined
        ? withoutSession(clientId, partition, session.restingKeys)
        : rowsOf({ ...replayed, applied }, session, deadlines, ends())
    const written = await state.write(lastOfEach(expecting(changes, clientId, session.revision)))
    if (written === 'conflict') throw new HawserError('STATE_FAILED', `${clientId} has another owner already`)
  }
  await deadlines.takeOver(partition)
  // The rows of what it has retained.
  await parts.checkpoint()
  const { sessionsOffline } = replay
  await state.write(await leftOver(state, replay, range.end))
  return sessionsOffline
}

function rowsOf(
  state: SessionState,
  { restingKeys }: ReplayedSession,
  deadlines: Deadlines,
  ends: ReadonlyMap<Partition, Position>,
): StateChange[] {
  const keys = restingKeysOf(Session.restore(state), ends.keys(), true)
  const dues = duesOf(state).map((due) => deadlines.changeOf(due, state.clientId))
  return [...withSession({ ...state, restingKeys: keys }, restingKeys), ...dues]
}

/** A late word of an old owner, or of an earlier adopter, comes to nothing. */
const expecting = (changes: readonly StateChange[], clientId: ClientId, revision: number): StateChange[] =>
  changes.map((change) =>
    change.table === sessionTable && change.key === clientId ? { ...change, expected: revision } : change,
  )
