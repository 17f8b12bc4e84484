/**
 * Writes rows of what the journal says, so that a start reads only the journal's end and sessions without a
 * connection need no memory. A row never says more than the log: it is written after the commit of the horizon
 * record that was appended when the row was made.
 */
import {
  type Members,
  type Partition,
  type Position,
  position as positionOf,
  type StateChange,
  type StateStore,
} from '@hawser/engine'
import type { ClientId } from '@hawser/std'
import type { Counters } from '../counters.ts'
import type { RetainedMessages } from '../router/retained.ts'
import type { RetainedMessage } from '../router/retained-message.ts'
import type { SessionRegistry } from '../session/registry.ts'
import type { Session } from '../session/session.ts'
import type { GroupJournal } from '../shared/group-journal.ts'
import { type CheckpointRow, checkpointChange } from './checkpoint-row.ts'
import type { Deadlines } from './deadlines.ts'
import { lowestStored, restingKeysOf } from './floor.ts'
import type { Journal } from './journal.ts'
import { rowAlone, sweepTombstones, writeAmongOthers } from './retained-rows.ts'
import { type OwnRows, writeSessionsAmongOthers } from './session-rows.ts'
import { encodeSessionState, type SessionState } from './session-state.ts'
import type { SteadyTime } from './steady-time.ts'
import { laneTable, onlineTable, restingTable, sessionTable } from './tables.ts'

const rowsAtOnce = 500

export interface CheckpointParts {
  readonly state: StateStore
  readonly steady: SteadyTime
  readonly journal: Journal
  readonly sessions: SessionRegistry
  readonly deadlines: Deadlines
  readonly retained: RetainedMessages
  readonly groups: GroupJournal
  readonly counters: Counters
  readonly ends: () => ReadonlyMap<Partition, Position>
  /** Other processes may come, and their lanes: sessions without connection wait for what is published there. */
  readonly members: Members | undefined
  /** A session that is held here has another owner. */
  readonly succeeded: (session: Session) => void
  /** Resolves with the place of a record once its ticket is durable. */
  readonly committed: (ticket: number) => Promise<Position>
}

export class Checkpoint {
  readonly #parts: CheckpointParts
  readonly #partition: Partition
  /** Lanes that this start has replayed beside its own: with the next checkpoint there is nothing left of them. */
  #replayed: readonly StateChange[] = []
  #running: Promise<void> | undefined
  /** How much had been appended when the newest checkpoint was made. */
  #recordsAppended = -1
  /** Nothing of the log from here on may be deleted: what the newest checkpoint and the sessions in the store need. */
  floor: Position = positionOf(0)
  /** Where the next start begins to read the journal. */
  journalFrom: Position = positionOf(0)

  constructor(parts: CheckpointParts, partition: Partition) {
    this.#parts = parts
    this.#partition = partition
  }

  /** One at a time; a call while one runs waits for that one. Nothing is written where nothing has changed. */
  async write(): Promise<void> {
    if (this.#running === undefined && !this.#needed()) {
      // Other processes have their say in it.
      if (this.#parts.members !== undefined) this.floor = await this.#lowest(this.journalFrom)
      return
    }
    this.#running ??= this.#write().finally(() => {
      this.#running = undefined
    })
    await this.#running
  }

  /** Resolves when none is at work. */
  async settled(): Promise<void> {
    await this.#running?.catch(() => undefined)
  }

  /** Goes on from the checkpoint of an earlier process that ended with nothing to replay. */
  async resume(next: Position): Promise<void> {
    this.journalFrom = next
    this.floor = await this.#lowest(next)
    this.#recordsAppended = this.#parts.counters.recordsAppended
  }

  replayed(changes: readonly StateChange[]): void {
    this.#replayed = changes
  }

  async #lowest(journalFrom: Position): Promise<Position> {
    return positionOf(Math.min(journalFrom, await lowestStored(this.#parts.state, this.#partition)))
  }

  #needed(): boolean {
    const { steady, journal, sessions, deadlines, retained, groups, counters } = this.#parts
    const changed = journal.changed.size > 0 || sessions.ended.size > 0 || retained.hasChanges || deadlines.hasChanges
    return (
      changed ||
      steady.hasJumped ||
      this.#replayed.length > 0 ||
      groups.hasChanges ||
      counters.recordsAppended !== this.#recordsAppended
    )
  }

  async #write(): Promise<void> {
    const { steady, journal, sessions, deadlines, retained, groups, state, committed } = this.#parts
    const horizon = [...this.#parts.ends()]
    const sessionsOffline = sessions.offlineCount
    const ticket = journal.tick(true)
    // The log takes nothing now: what is in memory stays there.
    if (ticket === undefined) return
    const { recordsAppended } = this.#parts.counters
    const changed = journal.takeChanged()
    const ended = [...sessions.ended]
    const restingBefore = changed.map((session) => session.restingKeys)
    const states = changed.map((session) => this.#stateOf(session, new Map(horizon)))
    const dues = deadlines.changes()
    const time = steady.row()
    const shared = groups.takeChanges()
    const applied = await committed(ticket)
    // Only now: what was appended before the ticket and had not been committed yet is behind the next start, too.
    const rows = retained.takeChanges()
    const changes: StateChange[] = []
    const { members } = this.#parts
    changes.push(...dues, ...shared, steady.change(time))
    const row: CheckpointRow = { partition: this.#partition, next: (applied + 1) as Position, horizon, sessionsOffline }
    changes.push(checkpointChange(row), ...this.#replayed)
    try {
      // Ended first: a client id may have a new session already. What has moved to another process is its own to write.
      await this.#writeInParts(ended, ([clientId, end]) =>
        sessions.ended.get(clientId) === end && !end.moved
          ? withoutSession(clientId, this.#partition, end.restingKeys)
          : [],
      )
      // At once: should the rest fail, the next attempt must not take the row of a new session for that of an ended one.
      for (const [clientId, end] of ended) {
        if (sessions.ended.get(clientId) === end && !end.moved) sessions.ended.delete(clientId)
      }
      const own = changed.map((session, index): OwnRows => {
        const state = { ...(states[index] as (typeof states)[number]), applied }
        const changes = lastOfEach(withSession(state, restingBefore[index]))
        return { state, changes, stored: session.stored, isMoved: () => session.moved }
      })
      if (members === undefined) await this.#writeInParts(own, ({ changes }) => changes)
      else await this.#writeOwn(own, changed)
      await this.#writeRetained([...rows.values()])
      await state.write(lastOfEach(changes))
    } catch (error) {
      for (const session of changed) if (!session.moved) journal.changed.add(session)
      retained.giveBack(rows)
      groups.giveBack()
      throw error
    }
    this.#replayed = []
    deadlines.stored(dues)
    steady.stored(time)
    await sweepTombstones(state, retained, members)
    this.#recordsAppended = recordsAppended
    this.journalFrom = row.next
    this.floor = await this.#lowest(row.next)
    this.#rest(changed)
  }

  async #writeRetained(messages: readonly RetainedMessage[]): Promise<void> {
    const { state, members } = this.#parts
    if (state.outlivesProcess === false) return
    if (members === undefined) await this.#writeInParts(messages, (message) => [rowAlone(message)])
    else await writeAmongOthers(state, messages)
  }

  /**
   * Not all in one turn, which would hold everybody up. Each row is true by itself: its `applied` says from where on the
   * journal goes on, whichever checkpoint a start begins at; of a topic the newer message wins. What belongs to one
   * session is never parted.
   */
  async #writeInParts<Item>(
    items: readonly Item[],
    changesOf: (item: Item, index: number) => readonly StateChange[],
  ): Promise<void> {
    for (let start = 0; start < items.length; start += rowsAtOnce) {
      const part = items.slice(start, start + rowsAtOnce)
      await this.#parts.state.write(lastOfEach(part.flatMap((item, index) => changesOf(item, start + index))))
      // A store in memory has written at once.
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  async #writeOwn(rows: readonly OwnRows[], sessions: readonly Session[]): Promise<void> {
    for (let start = 0; start < rows.length; start += rowsAtOnce) {
      const end = start + rowsAtOnce
      const succeeded = await writeSessionsAmongOthers(this.#parts.state, rows.slice(start, end))
      for (const session of sessions.slice(start, end)) {
        if (session.moved) continue
        if (succeeded.has(session.clientId)) this.#parts.succeeded(session)
        else session.stored = true
      }
    }
  }

  #stateOf(session: Session, ends: ReadonlyMap<Partition, Position>): Omit<SessionState, 'applied'> {
    const rests = session.connection === undefined
    session.restingKeys = rests ? restingKeysOf(session, ends.keys(), this.#parts.members !== undefined) : []
    return stateOf(session, ends, this.#partition)
  }

  /** Sessions without connection whose row is complete leave the memory. */
  #rest(written: readonly Session[]): void {
    const { journal, sessions } = this.#parts
    for (const session of written) {
      if (session.connection !== undefined || session.moved || journal.changed.has(session)) continue
      if (sessions.resting.get(session.clientId) === session) sessions.resting.delete(session.clientId)
    }
  }
}

export function stateOf(
  session: Session,
  ends: ReadonlyMap<Partition, Position>,
  partition: Partition,
): Omit<SessionState, 'applied'> {
  return {
    restingKeys: session.restingKeys,
    epoch: session.epoch,
    partition,
    number: session.number,
    clientId: session.clientId,
    owner: session.owner,
    expirySeconds: session.expirySeconds,
    online: session.connection !== undefined,
    closedAt: session.closedAt,
    will: session.will,
    subscriptions: session.journaledSubscriptions(),
    cursor: new Map(session.live ? ends : session.cursor),
    inflight: session.ownInflight(),
    done: new Set(session.skip),
    inbound: new Set(session.inbound),
    atHorizon: session.atHorizon && session.connection !== undefined,
    mayBeDuplicate: session.mayBeDuplicate,
  }
}

/** The rows of a session; `restingBefore` are the keys that it may have in the store until now. */
export function withSession(state: SessionState, restingBefore: readonly string[] = []): StateChange[] {
  return [
    ...restingBefore.map((key) => ({ table: restingTable, key, value: null })),
    { table: sessionTable, key: state.clientId, value: encodeSessionState(state) },
    {
      table: laneTable(onlineTable, state.partition),
      key: state.clientId,
      value: state.online ? Buffer.alloc(0) : null,
    },
    ...state.restingKeys.map((key) => ({ table: restingTable, key, value: Buffer.alloc(0) })),
  ]
}

export const withoutSession = (
  clientId: ClientId,
  partition: Partition,
  restingKeys: readonly string[],
): StateChange[] => [
  { table: sessionTable, key: clientId, value: null },
  { table: laneTable(onlineTable, partition), key: clientId, value: null },
  ...restingKeys.map((key) => ({ table: restingTable, key, value: null })),
]

/** The store takes each row once. */
export function lastOfEach(changes: readonly StateChange[]): StateChange[] {
  return [...new Map(changes.map((change) => [`${change.table}\u0000${change.key}`, change])).values()]
}
