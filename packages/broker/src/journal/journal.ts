/**
 * Writes what sessions go through into the log. Acknowledgements of QoS 1 deliveries are not written one by one: once
 * a second each session that moved says what is pending with it, and one horizon record stands for all the others.
 */
import { type MessageLog, type Partition, type Position, recordKind, reserveRefused } from '@hawser/engine'
import type { Counters } from '../counters.ts'
import { inflightState } from '../session/inflight.ts'
import type { Session } from '../session/session.ts'
import type { GroupJournal } from '../shared/group-journal.ts'
import { appendSessionEvent, type SessionEvent } from './session-event.ts'

export class Journal {
  readonly #log: MessageLog
  readonly #counters: Counters
  readonly #ends: () => ReadonlyMap<Partition, Position>
  readonly #groups: GroupJournal
  readonly #touched = new Set<Session>()
  /** Sessions whose journaled state differs from their checkpoint row. */
  readonly changed = new Set<Session>()
  /** How much was appended when the newest horizon was. */
  #appendedAtHorizon = 0

  constructor(log: MessageLog, counters: Counters, ends: () => ReadonlyMap<Partition, Position>, groups: GroupJournal) {
    this.#log = log
    this.#counters = counters
    this.#ends = ends
    this.#groups = groups
  }

  /** The ticket of the event's record; undefined where the log takes nothing. */
  append(session: Session, event: SessionEvent): number | undefined {
    this.changed.add(session)
    if (!appendSessionEvent(this.#log, session, event)) return undefined
    this.#counters.recordsAppended++
    return this.#log.lastTicket
  }

  /** The session has something pending, or no longer has. */
  touch(session: Session): void {
    if (session.touched || !session.durable) return
    session.touched = true
    this.#touched.add(session)
  }

  forget(session: Session): void {
    session.touched = false
    this.#touched.delete(session)
    this.changed.delete(session)
  }

  /**
   * A session is said to have pending messages before the horizon passes them, in the same commit.
   * Answers the ticket of the horizon; undefined where nothing was appended since the last and `always` is not asked,
   * or the log refused.
   */
  tick(always: boolean): number | undefined {
    for (const session of this.#touched) {
      if (session.connection === undefined || !session.durable) {
        session.touched = false
        this.#touched.delete(session)
        continue
      }
      const pending = pendingOf(session, this.#ends())
      if (this.append(session, pending) === undefined) return undefined
      session.atHorizon = pending.atHorizon
      if (pending.atHorizon) {
        session.touched = false
        this.#touched.delete(session)
      }
    }
    if (!this.#groups.tick()) return undefined
    return this.#appendHorizon(always)
  }

  #appendHorizon(always: boolean): number | undefined {
    if (this.#counters.recordsAppended === this.#appendedAtHorizon && !always) return undefined
    const body = Buffer.from(JSON.stringify([...this.#ends()]))
    const at = this.#log.reserve(recordKind.horizon, 0, 0, body.length)
    if (at === reserveRefused) return undefined
    body.copy(this.#log.buffer, at)
    this.#counters.recordsAppended++
    this.#appendedAtHorizon = this.#counters.recordsAppended
    return this.#log.lastTicket
  }
}

/** Where a session stands: what is in flight, and from where on it has seen nothing. */
export function pendingOf(
  session: Session,
  ends: ReadonlyMap<Partition, Position>,
): Extract<SessionEvent, { kind: 'pending' }> {
  const cursor = session.live ? ends : session.cursor
  const inflight = session.ownInflight().filter(({ state }) => state === inflightState.published)
  const atHorizon = session.live && session.inflightCount === 0 && session.retainedBacklog.length === 0
  return { kind: 'pending', atHorizon, cursor: [...cursor], inflight }
}
