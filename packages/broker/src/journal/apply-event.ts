/** How a session's state follows from its records: used on recovery, and held against the live session in tests. */
import type { Partition, Position } from '@hawser/engine'
import { inflightState } from '../session/inflight.ts'
import type { RecordedSessionEvent } from './session-event.ts'
import { decodeCursor, decodeWill, newSessionState, placeKey, type SessionState } from './session-state.ts'

/**
 * Whether an event of a partition says something about a session: the records of one partition count, from where they
 * are applied on, until the session is opened with a higher epoch.
 */
export function countsFor(
  state: SessionState | undefined,
  { event, number }: RecordedSessionEvent,
  partition: Partition,
  position: Position,
): boolean {
  const isBehind = state?.partition === partition && position > state.applied
  if (event.kind === 'opened') return state === undefined || isBehind || (event.epoch ?? 0) > state.epoch
  // Late records of a session that a newer one has replaced say nothing.
  if (state === undefined || state.number !== number) return false
  return isBehind || (event.kind === 'adopted' && event.epoch > state.epoch)
}

/** Answers the state after an event that counts; undefined when the session has ended, or is another process's now. */
export function applySessionEvent(
  before: SessionState | undefined,
  recorded: RecordedSessionEvent,
  partition: Partition,
  position: Position,
): SessionState | undefined {
  const { event, number, clientId } = recorded
  let state = before
  if (event.kind === 'opened') {
    // A new session takes the place of an older one of the same client id.
    if (state === undefined || state.number !== number) {
      const { restingKeys = [] } = state ?? {}
      state = { ...newSessionState(number, clientId, decodeCursor(event.cursor), partition), restingKeys }
    }
    state.epoch = event.epoch ?? 0
    state.partition = partition
    state.applied = position
    state.online = true
    state.closedAt = undefined
    state.expirySeconds = event.expirySeconds
    state.owner = event.owner
    state.will = event.will && decodeWill(event.will, clientId)
    state.atHorizon = false
    return state
  }
  if (state === undefined) return undefined
  state.applied = position
  switch (event.kind) {
    case 'subscribed': {
      const { subscription } = event
      const since = decodeCursor(subscription.since)
      state.subscriptions.set(subscription.filter, { ...subscription, since })
      return state
    }
    case 'unsubscribed':
      state.subscriptions.delete(event.filter)
      return state
    case 'assigned':
      complete(state, event.message.packetId)
      state.inflight.push({ ...event.message, state: inflightState.assigned })
      return state
    case 'received': {
      const message = removeInflight(state, event.packetId)
      if (message) state.inflight.push({ ...message, state: inflightState.received })
      return state
    }
    case 'completed':
      complete(state, event.packetId)
      return state
    case 'released':
      state.inbound.delete(event.packetId)
      return state
    case 'pending':
      state.atHorizon = event.atHorizon
      state.cursor = decodeCursor(event.cursor)
      state.inflight = state.inflight.filter((message) => message.state !== inflightState.published)
      for (const message of event.inflight) {
        if (message.state !== inflightState.published) continue
        complete(state, message.packetId)
        state.inflight.push(message)
      }
      forgetDone(state)
      return state
    case 'closed':
      state.online = false
      state.closedAt = event.at
      state.expirySeconds = event.expirySeconds
      if (!event.will) state.will = undefined
      state.cursor = decodeCursor(event.cursor)
      state.inflight = [...event.inflight]
      state.atHorizon = false
      forgetDone(state)
      return state
    case 'adopted':
      state.epoch = event.epoch
      state.partition = partition
      return state
    case 'ended':
    case 'moved':
      return undefined
    default:
      throw event satisfies never
  }
}

function removeInflight(state: SessionState, packetId: number): SessionState['inflight'][number] | undefined {
  const at = state.inflight.findIndex((message) => message.packetId === packetId)
  return at < 0 ? undefined : state.inflight.splice(at, 1)[0]
}

/**
 * The message that bears a packet id is over: it is said so, or another bears the id. That is all that is heard of it
 * where the log took nothing when its client had completed it.
 */
function complete(state: SessionState, packetId: number): void {
  const message = removeInflight(state, packetId)
  if (message === undefined || message.retained || message.shared !== undefined) return
  if (message.state !== inflightState.published) state.done.add(placeKey(message.partition, message.position))
}

/** What lies below the cursor is not asked for again. */
export function forgetDone(state: SessionState): void {
  for (const key of state.done) {
    const [at, where] = key.split('/').map(Number)
    if ((where ?? 0) < (state.cursor.get(at as Partition) ?? 0)) state.done.delete(key)
  }
}
