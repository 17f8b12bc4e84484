/**
 * The start of a broker: rows of the last checkpoint, then the journal from there on. Sessions that had a connection
 * when the last process ended are closed now, whatever ended it: their wills and expiries run from here.
 */
import {
  type MessageLog,
  type Partition,
  type Position,
  PublishView,
  position as positionOf,
  recordEnd,
  recordKind,
  recordKindAt,
  recordTopicEnd,
  type StateStore,
} from '@hawser/engine'
import type { ClientId, Clock } from '@hawser/std'
import { copyRetained } from '../delivery/retained-copy.ts'
import type { RetainedMessages } from '../router/retained.ts'
import type { EndedSession } from '../session/registry.ts'
import { Session } from '../session/session.ts'
import { GroupReplay, type RecoveredGroups } from '../shared/group-replay.ts'
import { decodeGroupState } from '../shared/group-state.ts'
import { applySessionEvent, forgetDone } from './apply-event.ts'
import type { CheckpointRow } from './checkpoint.ts'
import { decodeRetained } from './retained-row.ts'
import { readSessionEvent } from './session-event.ts'
import { decodeCursor, decodeSessionState, type SessionState } from './session-state.ts'
import { brokerTable, checkpointKey, onlineTable, retainedTable, sessionTable, sharedTable } from './tables.ts'

export interface RecoveryParts {
  readonly log: MessageLog
  readonly state: StateStore
  readonly clock: Clock
  readonly retained: RetainedMessages
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
}

export async function recover(parts: RecoveryParts): Promise<Recovered> {
  const replay = new Replay(parts)
  for await (const { value } of parts.state.scan(retainedTable)) parts.retained.load(decodeRetained(value))
  for await (const { value } of parts.state.scan(sharedTable)) replay.groups.load(decodeGroupState(value))
  const row = await parts.state.get(brokerTable, checkpointKey)
  const checkpoint = row && (JSON.parse(row.value.toString('utf8')) as CheckpointRow)
  if (checkpoint !== undefined) {
    replay.horizon = decodeCursor(checkpoint.horizon.map(([at, next]) => [at, next]))
    replay.sessionsOffline = checkpoint.sessionsOffline ?? (await countOffline(parts.state))
  }
  for await (const { key } of parts.state.scan(onlineTable)) await replay.load(key as ClientId)
  for (const { partition, start } of parts.log.partitions()) {
    const next = checkpoint?.partition === partition ? checkpoint.next : start
    await replay.read(partition, positionOf(Math.max(start, next)))
  }
  const { own } = parts.log
  const end = parts.log.partitions().find(({ partition }) => partition === own)?.end
  // A log that never had a record needs no checkpoint either.
  const next = checkpoint?.partition === own ? checkpoint.next : positionOf(0)
  const nothingToReplay = next === end
  const groups = {
    states: [...replay.groups.result(replay.horizon)],
    ended: replay.groups.ended,
    replayed: !nothingToReplay,
  }
  return { ...replay.result(), groups, next: nothingToReplay ? end : undefined }
}

/** Rows of sessions, less those that had a connection. */
async function countOffline(state: StateStore): Promise<number> {
  let count = 0
  for await (const _ of state.scan(sessionTable)) count++
  for await (const _ of state.scan(onlineTable)) count--
  return count
}

class Replay {
  readonly #parts: RecoveryParts
  readonly #states = new Map<ClientId, SessionState | undefined>()
  readonly #restingKeys = new Map<ClientId, string | undefined>()
  readonly #view = new PublishView()
  readonly groups = new GroupReplay()
  horizon = new Map<Partition, Position>()
  sessionsOffline = 0

  constructor(parts: RecoveryParts) {
    this.#parts = parts
  }

  async load(clientId: ClientId): Promise<SessionState | undefined> {
    if (this.#states.has(clientId)) return this.#states.get(clientId)
    const row = await this.#parts.state.get(sessionTable, clientId)
    const state = row && decodeSessionState(row.value)
    this.#states.set(clientId, state)
    this.#restingKeys.set(clientId, state?.restingKey)
    // Counted anew in `result`, as what the journal makes of it.
    if (state !== undefined && !state.online) this.sessionsOffline--
    return state
  }

  async read(partition: Partition, from: Position): Promise<void> {
    for await (const batch of this.#parts.log.read(partition, from)) {
      for (let index = 0; index < batch.count; index++) {
        const at = batch.offsets[index] ?? 0
        await this.#record(batch.bytes, at, partition, positionOf(batch.positions[index] ?? 0))
      }
    }
  }

  async #record(bytes: Buffer, at: number, partition: Partition, position: Position): Promise<void> {
    switch (recordKindAt(bytes, at)) {
      case recordKind.publish:
        return this.#publish(this.#view.moveTo(bytes, at), partition, position)
      case recordKind.session: {
        const recorded = readSessionEvent(bytes, at)
        const before = await this.load(recorded.clientId)
        this.groups.session(before, recorded)
        this.#states.set(recorded.clientId, applySessionEvent(before, recorded, position))
        return
      }
      case recordKind.horizon: {
        const body = bytes.toString('utf8', recordTopicEnd(bytes, at), recordEnd(bytes, at))
        this.horizon = decodeCursor(JSON.parse(body) as [number, number][])
        return
      }
      case recordKind.share:
        return this.groups.share(bytes, at)
    }
  }

  /** A publish says more than its message: an inbound QoS 2 packet id, or that a will is done. */
  async #publish(view: PublishView, partition: Partition, position: Position): Promise<void> {
    if (view.retain) this.#parts.retained.apply(copyRetained(view, view.topic, partition, position))
    if (view.packetId === 0 && !view.will) return
    const { packetId, session, will } = view
    const state = await this.load(view.clientId as ClientId)
    if (state === undefined || state.number !== session) return
    if (will) state.will = undefined
    else state.inbound.add(packetId)
  }

  result(): Omit<Recovered, 'next' | 'groups'> {
    const ends = new Map(this.#parts.log.partitions().map(({ partition, end }) => [partition, end]))
    const sessions: Session[] = []
    const ended = new Map<ClientId, EndedSession>()
    for (const [clientId, state] of this.#states) {
      if (state === undefined) {
        ended.set(clientId, { restingKey: this.#restingKeys.get(clientId) })
        continue
      }
      if (state.online) this.#close(state, ends)
      const session = Session.restore(state)
      session.journaled = true
      sessions.push(session)
    }
    return {
      sessions,
      ended,
      sessionsOffline: this.sessionsOffline + sessions.length,
    }
  }

  /** The connection went with the process. What was sent since the journal last told may have arrived. */
  #close(state: SessionState, ends: ReadonlyMap<Partition, Position>): void {
    state.online = false
    state.closedAt = this.#parts.clock.wallMicros()
    state.mayBeDuplicate = ends
    if (!state.atHorizon) return
    for (const [partition, next] of this.horizon) {
      if (next > (state.cursor.get(partition) ?? 0)) state.cursor.set(partition, next)
    }
    forgetDone(state)
  }
}
