/**
 * Writes what sessions go through into the log. Acknowledgements of QoS 1 deliveries are not written one by one: once
 * a second each session that moved says what is pending with it, and one horizon record stands for all the others.
 */
import { type MessageLog, type Partition, type Position, recordKind, reserveRefused } from '@hawser/engine'
import type { ClientId, SessionNumber } from '@hawser/std'
import type { Counters } from '../counters.ts'
import { inflightState } from '../session/inflight.ts'
import type { Session } from '../session/session.ts'
import type { GroupJournal } from '../shared/group-journal.ts'
import { appendSessionEvent, type SessionEvent } from './session-event.ts'

const nobody = 0 as SessionNumber

/** Of horizon records. */
export const horizonFlag = {
  /** Ahead of all that its process says of sessions and groups: what the one before had at its horizon stays there. */
  first: 1,
} as const

export class Journal {
  readonly #log: MessageLog
  readonly #counters: Counters
  readonly #ends: () => ReadonlyMap<Partition, Position>
  readonly #groups: GroupJournal
  readonly #touched = new Set<Session>()
  /** Sessions whose journaled state differs from their checkpoint row. */
  readonly changed = new Set<Session>()
  /** How often rows have been made of what has changed. */
  checkpoints = 0
  /** How much was appended when the newest horizon was. */
  #appendedAtHorizon = 0
  #hasBegun = false

  constructor(log: MessageLog, counters: Counters, ends: () => ReadonlyMap<Partition, Position>, groups: GroupJournal) {
    this.#log = log
    this.#counters = counters
    this.#ends = ends
    this.#groups = groups
  }

  /** Whether the log takes anything now. */
  get isOpen(): boolean {
    return this.#log.status.kind === 'open'
  }

  /** Of the newest record. */
  get lastTicket(): number {
    return this.#log.lastTicket
  }

  /** The ticket of the event's record; undefined where the log takes nothing. */
  append(session: Session, event: SessionEvent): number | undefined {
    this.changed.add(session)
    if (event.kind === 'opened' || event.kind === 'closed') {
      session.atHorizon = false
      session.journaledStanding = ''
    }
    if (!this.#begin() || !appendSessionEvent(this.#log, session, event)) return undefined
    this.#counters.recordsAppended++
    return this.#log.lastTicket
  }

  /** Whatever this lane has said of a client id, it says no more; answers whether the log took it. */
  moved(clientId: ClientId): boolean {
    const name = { number: nobody, clientIdBytes: Buffer.from(clientId) }
    if (!appendSessionEvent(this.#log, name, { kind: 'moved' })) return false
    this.#counters.recordsAppended++
    return true
  }

  /** The session has something pending, or no longer has. */
  touch(session: Session): void {
    if (session.touched || !session.durable) return
    session.touched = true
    this.#touched.add(session)
  }

  /** Their rows are made now. */
  takeChanged(): readonly Session[] {
    const changed = [...this.changed]
    this.changed.clear()
    this.checkpoints++
    return changed
  }

  forget(session: Session): void {
    this.#untouch(session)
    this.changed.delete(session)
  }

  /**
   * A session is said to have pending messages before the horizon passes them, in the same commit.
   * One that has not moved is not said again, and all of them together leave room in the log for what clients send.
   * Answers the ticket of the horizon; undefined where nothing was appended since the last and `always` is not asked,
   * or the log takes no more now.
   */
  tick(always: boolean): number | undefined {
    for (const session of [...this.#touched]) if (!this.#say(session, always)) return undefined
    if (this.#groups.hasToSay && !this.#begin()) return undefined
    if (!this.#groups.tick()) return undefined
    return this.#appendHorizon(always)
  }

  /** Says what is pending with one that moved; answers false where the horizon has to wait for it. */
  #say(session: Session, always: boolean): boolean {
    if (session.connection === undefined || !session.durable) return this.#untouch(session)
    const standing = standingOf(session)
    const moved = standing !== session.journaledStanding
    if (!moved && session.atHorizon) return this.#untouch(session)
    // The journal's word is older and safe; the row that a checkpoint writes is to be new all the same.
    if (!moved || (this.#log.congested && !session.atHorizon)) {
      if (always || moved) this.changed.add(session)
      return true
    }
    if (this.#log.congested) return false
    const pending = pendingOf(session, this.#ends())
    if (this.append(session, pending) === undefined) return false
    session.atHorizon = pending.atHorizon
    session.journaledStanding = standing
    this.#untouch(session)
    // Behind the others: each has its turn where one tick does not take all.
    if (!pending.atHorizon) this.touch(session)
    return true
  }

  #untouch(session: Session): true {
    session.touched = false
    this.#touched.delete(session)
    return true
  }

  /** A horizon of this process must not move who was with the one before. Answers false where the log takes nothing. */
  #begin(): boolean {
    return this.#hasBegun || this.#appendHorizon(true) !== undefined
  }

  #appendHorizon(always: boolean): number | undefined {
    if (this.#counters.recordsAppended === this.#appendedAtHorizon && !always) return undefined
    const body = Buffer.from(JSON.stringify([...this.#ends()]))
    const at = this.#log.reserve(recordKind.horizon, this.#hasBegun ? 0 : horizonFlag.first, 0, body.length)
    if (at === reserveRefused) return undefined
    this.#hasBegun = true
    body.copy(this.#log.buffer, at)
    this.#counters.recordsAppended++
    this.#appendedAtHorizon = this.#counters.recordsAppended
    return this.#log.lastTicket
  }
}

/** Changes whenever what `pendingOf` says does, but for the head of the log moving on. */
const standingOf = ({ live, cursor, inflight, retainedBacklog }: Session): string =>
  `${inflight?.changes ?? 0} ${retainedBacklog.size > 0} ${live ? 'live' : [...cursor].join(' ')}`

/** Where a session stands: what is in flight, and from where on it has seen nothing. */
export function pendingOf(
  session: Session,
  ends: ReadonlyMap<Partition, Position>,
): Extract<SessionEvent, { kind: 'pending' }> {
  const cursor = session.live ? ends : session.cursor
  const inflight = session.ownInflight().filter(({ state }) => state === inflightState.published)
  const atHorizon = session.live && session.inflightCount === 0 && session.retainedBacklog.size === 0
  return { kind: 'pending', atHorizon, cursor: [...cursor], inflight }
}
