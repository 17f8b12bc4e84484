/**
 * All sessions: those with a connection, those that closed since the last checkpoint, and, through the store, the rest.
 * A client id has one session and one connection.
 */
import type { ConnectPacket } from '@hawser/codec'
import type { Partition, Position, StateStore } from '@hawser/engine'
import { type ClientId, type Clock, type EpochMicros, epochMicros, type SessionNumber } from '@hawser/std'
import type { Identity } from '../access.ts'
import type { Counters } from '../counters.ts'
import type { BrokerEvents } from '../events.ts'
import type { Deadlines } from '../journal/deadlines.ts'
import type { Journal } from '../journal/journal.ts'
import { decodeSessionState, encodeWill, type StoredWill } from '../journal/session-state.ts'
import { sessionTable } from '../journal/tables.ts'
import type { Limits } from '../limits/limits.ts'
import { refuse } from '../limits/refusals.ts'
import type { Router } from '../router/router.ts'
import type { SharedSubscriptions } from '../shared/shared-subscriptions.ts'
import type { Connection } from './connection.ts'
import { Session } from './session.ts'
import { storedWill } from './will.ts'

const sessionNeverExpires = 0xffffffff

export interface RegistryParts {
  readonly state: StateStore
  readonly clock: Clock
  readonly limits: Limits
  readonly counters: Counters
  readonly events: BrokerEvents
  readonly router: Router
  readonly shared: SharedSubscriptions
  readonly journal: Journal
  readonly deadlines: Deadlines
  /** The lane of this process. */
  readonly own: Partition
  readonly ends: () => ReadonlyMap<Partition, Position>
  /** Sessions of other processes. */
  readonly elsewhere: () => number
  readonly nextNumber: () => SessionNumber
  readonly publishWill: (session: Session, will: StoredWill) => void
}

export type OpenedSession =
  | {
      readonly kind: 'opened'
      readonly session: Session
      readonly present: boolean
      /** CONNACK waits for this ticket; undefined where nothing of the session is journaled. */
      readonly ticket: number | undefined
    }
  | { readonly kind: 'refused'; readonly reasonCode: number }

/** What the store still has of a session that is over. */
export interface EndedSession {
  readonly restingKeys: readonly string[]
  readonly epoch: number
}

export class SessionRegistry {
  readonly #parts: RegistryParts
  readonly online = new Map<ClientId, Session>()
  /** Closed since the last checkpoint, which moves them out of memory. */
  readonly resting = new Map<ClientId, Session>()
  /** Sessions whose row the next checkpoint deletes. */
  readonly ended = new Map<ClientId, EndedSession>()
  /** Sessions without connection, in memory or in the store. */
  offlineCount = 0
  readonly #turns = new Map<ClientId, Promise<unknown>>()

  constructor(parts: RegistryParts) {
    this.#parts = parts
  }

  /**
   * The client id names the session. [MQTT-3.1.3-2]; v3.1.1 [MQTT-3.1.3-2]
   * One after another for each: two connections of one client do not race.
   */
  open(connection: Connection, clientId: ClientId, connect: ConnectPacket, identity: Identity): Promise<OpenedSession> {
    const before = this.#turns.get(clientId) ?? Promise.resolve()
    const turn = before.then(() => this.#open(connection, clientId, connect, identity))
    const settled = turn.catch(() => undefined)
    this.#turns.set(clientId, settled)
    void settled.then(() => {
      if (this.#turns.get(clientId) === settled) this.#turns.delete(clientId)
    })
    return turn
  }

  async #open(
    connection: Connection,
    clientId: ClientId,
    connect: ConnectPacket,
    identity: Identity,
  ): Promise<OpenedSession> {
    const { counters, journal } = this.#parts
    const owner = identity.username
    const online = this.online.get(clientId)
    let known = online ?? (await this.find(clientId))
    // Before anything of it is touched: Clean Start takes nothing away from others either.
    if (known !== undefined && known.owner !== owner && !this.expired(known)) {
      if (known.owner === undefined) {
        this.#parts.events.tell({ kind: 'session-unowned', clientId, expirySeconds: known.expirySeconds })
      }
      return { kind: 'refused', reasonCode: refuse(counters, 'session-of-another') }
    }
    const { elsewhere, limits } = this.#parts
    if (known === undefined && this.online.size + this.offlineCount + elsewhere() >= limits.sessionsMax) {
      return { kind: 'refused', reasonCode: refuse(counters, 'sessions-max') }
    }
    if (online !== undefined) {
      counters.takeovers++
      // v3.1.1 [MQTT-3.1.4-2]
      online.connection?.takenOver()
      this.#leave(online, connect.cleanStart ? 'replaced' : 'taken-over')
      known = await this.find(clientId)
    }
    if (known !== undefined) this.offlineCount--
    const epochBefore = known?.epoch ?? this.ended.get(clientId)?.epoch ?? 0
    // [MQTT-3.1.2-4] [MQTT-3.1.2-5] [MQTT-3.1.2-6] [MQTT-3.1.4-4]; v3.1.1 [MQTT-3.1.2-4] [MQTT-3.1.2-6] [MQTT-3.1.4-3]
    if (known !== undefined && (connect.cleanStart || this.expired(known))) {
      this.end(known, connect.cleanStart ? 'replaced' : 'expired')
      known = undefined
    }
    const session = known ?? new Session(this.#parts.nextNumber(), clientId)
    session.epoch = Math.max(session.epoch, epochBefore) + 1
    session.partition = this.#parts.own
    this.resting.delete(clientId)
    this.online.set(clientId, session)
    session.connection = connection
    session.owner = owner
    session.closedAt = undefined
    session.expirySeconds = expiryOf(connect, connection.limits)
    // [MQTT-3.1.2-7]; v3.1.1 [MQTT-3.1.2-8] [MQTT-3.1.2-12]
    session.will = connect.will && storedWill(connect.will, identity)
    session.journaled = session.journaled || known !== undefined || session.durable || session.will !== undefined
    const ticket = session.journaled
      ? journal.append(session, {
          kind: 'opened',
          epoch: session.epoch,
          ...(known !== undefined && { resumed: true }),
          expirySeconds: session.expirySeconds,
          ...(owner !== undefined && { owner }),
          cursor: [...this.#parts.ends()],
          ...(session.will && { will: encodeWill(session.will) }),
        })
      : undefined
    journal.touch(session)
    if (session.journaled && ticket === undefined) {
      this.closed(session, true)
      return { kind: 'refused', reasonCode: refuse(counters, 'log-refused') }
    }
    return { kind: 'opened', session, present: known !== undefined, ticket }
  }

  /** CONNACK is sent: from now on the session may get messages. */
  opened(session: Session): void {
    const { counters, router, shared } = this.#parts
    counters.sessionsOpened++
    counters.sessionsOnlineMax = Math.max(counters.sessionsOnlineMax, this.online.size)
    session.routed = true
    for (const subscription of session.subscriptions.values()) {
      if (subscription.shared === undefined) router.subscribe(session, subscription)
      else shared.join(session, subscription)
    }
  }

  #unroute(session: Session): void {
    if (!session.routed) return
    const { router, shared } = this.#parts
    session.routed = false
    shared.part(session)
    for (const subscription of session.subscriptions.values()) {
      if (subscription.shared === undefined) router.unsubscribe(session, subscription.filter)
    }
  }

  /** The session of a client id that has no connection now. */
  async find(clientId: ClientId): Promise<Session | undefined> {
    const resting = this.resting.get(clientId)
    if (resting !== undefined || this.ended.has(clientId)) return resting
    const row = await this.#parts.state.get(sessionTable, clientId)
    if (row === undefined) return this.resting.get(clientId)
    const session = Session.restore(decodeSessionState(row.value))
    session.journaled = true
    return session
  }

  /** The connection is gone. `graceful`: after a DISCONNECT that discards the will. v3.1.1 [MQTT-3.1.2-10] */
  closed(session: Session, graceful: boolean): void {
    if (graceful) session.will = undefined
    this.#leave(session, 'closed')
  }

  expired(session: Session): boolean {
    const due = expiresAt(session)
    return due !== undefined && due <= this.#parts.clock.wallMicros()
  }

  /** Forgets a session for good. A will still waiting is published: the session it waited for is over. */
  end(session: Session, cause: 'expired' | 'replaced' | 'closed'): void {
    const { journal, events } = this.#parts
    events.tell({ kind: 'session-ended', clientId: session.clientId, cause })
    if (session.will !== undefined) this.#publishWill(session)
    this.resting.delete(session.clientId)
    this.#parts.shared.forget(session)
    journal.forget(session)
    if (!session.journaled) return
    journal.append(session, { kind: 'ended' })
    journal.changed.delete(session)
    this.ended.set(session.clientId, { restingKeys: session.restingKeys, epoch: session.epoch })
  }

  #leave(session: Session, how: 'closed' | 'taken-over' | 'replaced'): void {
    const { journal, clock, deadlines } = this.#parts
    this.#unroute(session)
    if (session.live) session.cursor = new Map(this.#parts.ends())
    session.live = false
    session.retainedBacklog.clear()
    session.redelivery = []
    session.connection = undefined
    this.online.delete(session.clientId)
    const at = clock.wallMicros()
    session.closedAt = at
    // [MQTT-3.1.2-8]; a client that comes back in time takes a delayed will back. [MQTT-3.1.3-9]
    if (session.will !== undefined && (session.will.delaySeconds === 0 || !session.durable || how === 'replaced')) {
      this.#publishWill(session)
    } else if (how === 'taken-over') {
      session.will = undefined
    }
    // [MQTT-3.1.2-23]; v3.1.1 [MQTT-3.1.2-5]
    if (!session.durable) return this.end(session, 'closed')
    this.offlineCount++
    this.resting.set(session.clientId, session)
    journal.append(session, {
      kind: 'closed',
      at,
      expirySeconds: session.expirySeconds,
      will: session.will !== undefined,
      cursor: [...session.cursor],
      inflight: session.inflight?.messages() ?? [],
    })
    for (const due of duesOf(session)) deadlines.add(due, session.clientId)
  }

  /** A deadline has come: the will that waited, or the end of the session. */
  async due(clientId: ClientId): Promise<void> {
    // [MQTT-4.1.0-1] v3.1.1 [MQTT-4.1.0-1] [MQTT-4.1.0-2]
    if (this.online.has(clientId)) return
    const session = await this.find(clientId)
    if (session === undefined || this.online.has(clientId)) return
    const now = this.#parts.clock.wallMicros()
    if (session.will !== undefined && (willAt(session) ?? Number.POSITIVE_INFINITY) <= now) {
      this.#publishWill(session)
      this.resting.set(clientId, session)
      this.#parts.journal.changed.add(session)
    }
    if (!this.expired(session)) return
    this.#parts.counters.sessionsExpired++
    this.offlineCount--
    this.end(session, 'expired')
  }

  #publishWill(session: Session): void {
    const { will } = session
    session.will = undefined
    if (will !== undefined) this.#parts.publishWill(session, will)
  }
}

function expiryOf(connect: ConnectPacket, limits: Limits): number {
  if (connect.version < 5) return connect.cleanStart ? 0 : limits.legacySessionExpirySeconds
  return Math.min(connect.properties.sessionExpiryInterval ?? 0, limits.sessionExpirySecondsMax)
}

/** When a session without connection ends. [MQTT-4.1.0-2] */
export function expiresAt(session: Session): EpochMicros | undefined {
  if (session.closedAt === undefined || session.expirySeconds === sessionNeverExpires) return undefined
  return epochMicros(session.closedAt + session.expirySeconds * 1e6)
}

/** When its will is due: after its delay, or with the session's end. [MQTT-3.1.2-10] */
function willAt(session: Session): EpochMicros | undefined {
  if (session.closedAt === undefined || session.will === undefined) return undefined
  const afterDelay = session.closedAt + session.will.delaySeconds * 1e6
  return epochMicros(Math.min(afterDelay, expiresAt(session) ?? Number.POSITIVE_INFINITY))
}

export function duesOf(session: Session): EpochMicros[] {
  return [willAt(session), expiresAt(session)].filter((due) => due !== undefined)
}
