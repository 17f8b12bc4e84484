/**
 * What the journal of one lane adds up to since its checkpoint. It counts for the sessions that are in this lane: those
 * that have moved to another, or came back there with a higher epoch, are none of its business.
 */
import {
  type MessageLog,
  type Partition,
  type Position,
  PublishView,
  position as positionOf,
  recordEnd,
  recordFlagsAt,
  recordKind,
  recordKindAt,
  recordTopicEnd,
  type StateRow,
  type StateStore,
} from '@hawser/engine'
import type { ClientId, SessionNumber, SteadyMicros } from '@hawser/std'
import { retainedOf } from '../delivery/retained-view.ts'
import type { RetainedMessages } from '../router/retained.ts'
import type { GroupFollower } from '../shared/group-follower.ts'
import { applySessionEvent, countsFor, forgetDone } from './apply-event.ts'
import type { CheckpointRow } from './checkpoint-row.ts'
import { isDamage } from './damage.ts'
import { horizonFlag } from './journal.ts'
import { OfflineCount } from './offline-count.ts'
import { readSessionEvent } from './session-event.ts'
import { decodeCursor, decodeSessionState, type SessionState } from './session-state.ts'
import { laneTable, onlineTable, sessionTable } from './tables.ts'

export interface ReplayParts {
  readonly log: MessageLog
  readonly state: StateStore
  readonly retained: Pick<RetainedMessages, 'apply'>
  /** Undefined where all that the lane says of groups is known already. */
  readonly groups: GroupFollower | undefined
}

/** A session as its row and the journal have it. */
export interface ReplayedSession {
  readonly restingKeys: readonly string[]
  /** Of the row that the replay began with; 0: there was none. */
  readonly revision: number
  /** Whose row that was. */
  readonly stored: SessionNumber | undefined
  /** Undefined: it has ended, or there is none. */
  state: SessionState | undefined
  /** The journal has ended it. */
  ended: boolean
}

export class LaneReplay {
  readonly #parts: ReplayParts
  readonly partition: Partition
  readonly #sessions = new Map<ClientId, ReplayedSession>()
  /** Their rows are not what was written: nobody is given these sessions. */
  readonly #damaged = new Set<ClientId>()
  readonly #view = new PublishView()
  readonly #offline: OfflineCount
  /** Where the lane's owner had been handed everything. */
  horizon: Map<Partition, Position>

  constructor(
    parts: ReplayParts,
    partition: Partition,
    checkpoint: CheckpointRow | undefined,
    sessionsOffline: number,
  ) {
    this.#parts = parts
    this.partition = partition
    this.horizon = decodeCursor(checkpoint?.horizon.map(([at, next]) => [at, next]) ?? [])
    this.#offline = new OfflineCount(sessionsOffline)
  }

  get sessionsOffline(): number {
    return this.#offline.count
  }

  /** Reads the lane from a position on, and what was connected at its checkpoint. */
  async run(from: Position): Promise<void> {
    const { state, log } = this.#parts
    for await (const { key } of state.scan(laneTable(onlineTable, this.partition))) {
      this.#offline.connected(key)
      await this.#load(key as ClientId)
    }
    for await (const batch of log.read(this.partition, from)) {
      for (let index = 0; index < batch.count; index++) {
        await this.#record(batch.bytes, batch.offsets[index] ?? 0, positionOf(batch.positions[index] ?? 0))
      }
    }
  }

  /**
   * The sessions of this lane. Those that had a connection are closed `at`, whatever ended it: their wills and expiries
   * run from there. `ends`: what was sent up to them since the journal last told may have arrived.
   */
  *result(at: SteadyMicros, ends: ReadonlyMap<Partition, Position>): Iterable<[ClientId, ReplayedSession]> {
    for (const [clientId, session] of this.#sessions) {
      const { state } = session
      if (state === undefined ? !session.ended : state.partition !== this.partition) continue
      if (state?.online === true) this.#close(state, at, ends)
      yield [clientId, session]
    }
  }

  async #load(clientId: ClientId): Promise<ReplayedSession> {
    const known = this.#sessions.get(clientId)
    if (known !== undefined) return known
    const row = await this.#row(clientId)
    const state = row && decodeSessionState(row.value)
    const { restingKeys = [] } = state ?? {}
    const loaded = { state, restingKeys, revision: row?.revision ?? 0, stored: state?.number, ended: false }
    this.#sessions.set(clientId, loaded)
    return loaded
  }

  /** The store tells of a damaged row. What the journal adds to it is nothing without it. */
  async #row(clientId: ClientId): Promise<StateRow | undefined> {
    try {
      return await this.#parts.state.get(sessionTable, clientId)
    } catch (error) {
      if (!isDamage(error)) throw error
      this.#damaged.add(clientId)
      return undefined
    }
  }

  async #record(bytes: Buffer, at: number, position: Position): Promise<void> {
    this.#parts.groups?.record(bytes, at, this.partition)
    switch (recordKindAt(bytes, at)) {
      case recordKind.publish:
        return this.#publish(this.#view.moveTo(bytes, at), position)
      case recordKind.session:
        return this.#session(bytes, at, position)
      case recordKind.horizon: {
        if ((recordFlagsAt(bytes, at) & horizonFlag.first) !== 0) this.#endLife()
        const body = bytes.toString('utf8', recordTopicEnd(bytes, at), recordEnd(bytes, at))
        this.horizon = decodeCursor(JSON.parse(body) as [number, number][])
        return
      }
    }
  }

  /** A process begins that has delivered nothing to those who were with the one before: they stay where they were. */
  #endLife(): void {
    for (const { state } of this.#sessions.values()) {
      if (state?.online === true && state.partition === this.partition) this.#settle(state)
    }
  }

  async #session(bytes: Buffer, at: number, position: Position): Promise<void> {
    const recorded = readSessionEvent(bytes, at)
    const { clientId, event } = recorded
    const session = await this.#load(clientId)
    this.#offline.heard(recorded, session.state !== undefined)
    if (event.kind === 'moved') {
      // All that the lane has said about it stands in its row, or had better be forgotten.
      this.#sessions.delete(clientId)
      return
    }
    if (this.#damaged.has(clientId)) return
    if (!countsFor(session.state, recorded, this.partition, position)) return
    session.state = applySessionEvent(session.state, recorded, this.partition, position)
    session.ended = session.state === undefined
  }

  /** A publish says more than its message: an inbound QoS 2 packet id, or that a will is done. */
  async #publish(view: PublishView, position: Position): Promise<void> {
    const { partition } = this
    if (view.retain) this.#parts.retained.apply(retainedOf(view, view.topic, partition, position))
    if (view.packetId === 0 && !view.will) return
    const { packetId, session: number, will } = view
    const { state } = await this.#load(view.clientId as ClientId)
    if (state?.number !== number || state.partition !== partition || position <= state.applied) return
    if (will) state.will = undefined
    else state.inbound.add(packetId)
  }

  #close(state: SessionState, at: SteadyMicros, ends: ReadonlyMap<Partition, Position>): void {
    this.#offline.closed(state.clientId)
    state.online = false
    state.closedAt = at
    state.mayBeDuplicate = ends
    this.#settle(state)
  }

  /** From here on no horizon counts for it. */
  #settle(state: SessionState): void {
    if (!state.atHorizon) return
    state.atHorizon = false
    for (const [partition, next] of this.horizon) {
      if (next > (state.cursor.get(partition) ?? 0)) state.cursor.set(partition, next)
    }
    forgetDone(state)
  }
}
