/**
 * Lets a session without connection go to another process: what was appended for it is durable, its row says all of it,
 * and the journal of this lane says that it says no more. Whoever replays the lane then leaves the session alone.
 */
import {
  type Partition,
  type Position,
  position as positionOf,
  type StateChange,
  type StateStore,
} from '@hawser/engine'
import { type ClientId, HawserError } from '@hawser/std'
import { lastOfEach, stateOf, withoutSession, withSession } from '../journal/checkpoint.ts'
import { restingKeysOf } from '../journal/floor.ts'
import type { Journal } from '../journal/journal.ts'
import type { EndedSession } from './registry.ts'
import type { Session } from './session.ts'

export interface HandOverParts {
  readonly state: StateStore
  readonly journal: Journal
  readonly own: Partition
  readonly ends: () => ReadonlyMap<Partition, Position>
  /** Resolves once all that has been appended is durable. */
  readonly durable: () => Promise<void>
  /** Resolves when no checkpoint is at work that may write an older row. */
  readonly checkpointed: () => Promise<void>
}

/** The caller sees to it that nothing happens to the session meanwhile, and forgets it after. */
export async function handOver(
  { state, journal, own, ends, durable, checkpointed }: HandOverParts,
  clientId: ClientId,
  session: Session | undefined,
  ended: EndedSession | undefined,
): Promise<void> {
  await durable()
  if (session === undefined && ended === undefined) return
  await checkpointed()
  const changes: StateChange[] = []
  const { restingKeys: before = [] } = session ?? {}
  if (ended !== undefined) changes.push(...withoutSession(clientId, own, ended.restingKeys))
  if (session !== undefined) {
    session.restingKeys = restingKeysOf(session, ends().keys(), true)
    const applied = positionOf((ends().get(own) ?? 0) - 1)
    changes.push(...withSession({ ...stateOf(session, ends(), own), applied }, before))
  }
  // From here on no checkpoint writes any of it: the next owner may be ahead of it.
  setMoved(true, session, ended)
  try {
    await state.write(lastOfEach(changes))
    if (!journal.moved(clientId)) throw new HawserError('LOG_FAILED', `the log takes no word of ${clientId} now`)
    await durable()
  } catch (error) {
    setMoved(false, session, ended)
    if (session !== undefined) {
      session.restingKeys = before
      journal.changed.add(session)
    }
    throw error
  }
}

function setMoved(moved: boolean, session: Session | undefined, ended: EndedSession | undefined): void {
  if (session !== undefined) session.moved = moved
  if (ended !== undefined) ended.moved = moved
}
