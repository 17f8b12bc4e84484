/**
 * All sessions: those with a connection, those that closed since the last checkpoint, and, through the store, the rest.
 * A client id has one session and one connection.
 */
import type { ConnectPacket } from '@hawser/codec'
import type { Partition, Position, StateStore } from '@hawser/engine'
import type { ClientId, SessionNumber } from '@hawser/std'
import type { Identity } from '../access.ts'
import { isBefore } from '../cluster/claim-order.ts'
import type { Claim, Claims, LetGo } from '../cluster/claims.ts'
import type { DeadlineClaims } from '../cluster/deadline-claims.ts'
import type { Counters } from '../counters.ts'
import type { BrokerEvents } from '../events.ts'
import type { Deadlines } from '../journal/deadlines.ts'
import type { Journal } from '../journal/journal.ts'
import { decodeSessionState, encodeWill, type StoredWill } from '../journal/session-state.ts'
import type { SteadyTime } from '../journal/steady-time.ts'
import { sessionTable } from '../journal/tables.ts'
import type { Limits } from '../limits/limits.ts'
import { refuse } from '../limits/refusals.ts'
import type { ClassAccount } from '../measure/accounts.ts'
import type { LateAnswer } from '../rights/rights.ts'
import type { Router } from '../router/router.ts'
import type { SharedSubscriptions } from '../shared/shared-subscriptions.ts'
import type { Connection } from './connection.ts'
import { duesOf, expiresAt, expiryOf, willAt } from './dues.ts'
import { claimRefusals, type OpenedSession, type OpenRefusal } from './opened-session.ts'
import { Session } from './session.ts'
import { Turns } from './turns.ts'
import { storedWill } from './will.ts'

export interface RegistryParts {
  readonly state: StateStore
  readonly steady: SteadyTime
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
  readonly mayPublish: (will: StoredWill) => boolean | LateAnswer
  readonly publishWill: (session: Session, will: StoredWill, allowed: boolean | LateAnswer) => void
  /** Undefined: this process is alone. */
  readonly claims: () => Claims | undefined
  readonly deadlineClaims: () => DeadlineClaims | undefined
  readonly handOver: (
    clientId: ClientId,
    session: Session | undefined,
    ended: EndedSession | undefined,
  ) => Promise<void>
  /** What nobody waits for. */
  readonly background: (work: Promise<unknown>) => void
  /** The connection of a session has ended. */
  readonly left: (clientId: ClientId) => void
}

/** What the store still has of a session that is over. */
export interface EndedSession {
  readonly restingKeys: readonly string[]
  readonly epoch: number
  /** As with a session: nothing is written of it here any more. */
  moved?: boolean
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
  readonly #turns = new Turns()

  constructor(parts: RegistryParts) {
    this.#parts = parts
  }

  /**
   * The client id names the session. [MQTT-3.1.3-2]; v3.1.1 [MQTT-3.1.3-2]
   * One after another for each: two connections of one client do not race.
   */
  open(connection: Connection, clientId: ClientId, connect: ConnectPacket, identity: Identity): Promise<OpenedSession> {
    return this.#turns.take(clientId, async () => {
      const claims = this.#parts.claims()
      // Nobody else can have what is held here.
      if (claims === undefined || this.isHeld(clientId)) {
        return this.#open(connection, clientId, connect, identity, claims?.here(identity.username))
      }
      const claim = claims.begin(clientId, identity.username)
      try {
        const outcome = await claims.make(clientId, claim, connect.cleanStart)
        if (outcome !== 'granted') return this.#refused(claimRefusals[outcome])
        return await this.#open(connection, clientId, connect, identity, claim)
      } finally {
        claims.settle(clientId, claim)
      }
    })
  }

  /** Lets a session go that another process claims: its connection is taken over, and its row says all there is. */
  letGo(clientId: ClientId, asked: LetGo): Promise<'let-go' | 'of-another' | 'superseded'> {
    if (!this.isBusy(clientId)) return Promise.resolve('let-go')
    return this.#turns.take(clientId, async () => {
      const online = this.online.get(clientId)
      const session = online ?? this.resting.get(clientId)
      if (session?.claim !== undefined && isBefore(asked.claim, session.claim)) return 'superseded'
      if (session !== undefined && this.#isAnothers(session, asked.owner)) return 'of-another'
      if (online !== undefined) this.#takeOver(online, asked.cleanStart)
      const resting = this.resting.get(clientId)
      const ended = this.ended.get(clientId)
      await this.#parts.handOver(clientId, resting, ended)
      if (resting !== undefined) this.#parts.journal.forget(resting)
      this.resting.delete(clientId)
      if (this.ended.get(clientId) === ended) this.ended.delete(clientId)
      return 'let-go'
    })
  }

  /** Whether this process has something to say of a client id that stands nowhere else. */
  isHeld(clientId: ClientId): boolean {
    return this.online.has(clientId) || this.resting.has(clientId) || this.ended.has(clientId)
  }

  /** Whether it has the session of a client id, or may be about to. */
  isBusy(clientId: ClientId): boolean {
    return this.isHeld(clientId) || this.#turns.has(clientId)
  }

  #refused(reason: OpenRefusal): OpenedSession {
    return { kind: 'refused', reasonCode: refuse(this.#parts.counters, reason) }
  }

  #isAnothers(known: Session, owner: string | undefined): boolean {
    if (known.owner === owner || this.expired(known)) return false
    const { clientId, expirySeconds } = known
    if (known.owner === undefined) this.#parts.events.tell({ kind: 'session-unowned', clientId, expirySeconds })
    return true
  }

  #takeOver(online: Session, cleanStart: boolean): void {
    this.#parts.counters.takeovers++
    // v3.1.1 [MQTT-3.1.4-2]
    online.connection?.takenOver()
    this.#leave(online, cleanStart ? 'replaced' : 'taken-over')
  }

  async #open(
    connection: Connection,
    clientId: ClientId,
    connect: ConnectPacket,
    identity: Identity,
    claim?: Claim,
  ): Promise<OpenedSession> {
    const { journal } = this.#parts
    const owner = identity.username
    const online = this.online.get(clientId)
    let known = online ?? (await this.find(clientId))
    if (claim?.isLost) return this.#refused('session-claimed')
    // Before anything of it is touched: Clean Start takes nothing away from others either.
    if (known !== undefined && this.#isAnothers(known, owner)) return this.#refused('session-of-another')
    const { elsewhere, limits } = this.#parts
    if (known === undefined && this.online.size + this.offlineCount + elsewhere() >= limits.sessionsMax) {
      return this.#refused('sessions-max')
    }
    if (online !== undefined) {
      this.#takeOver(online, connect.cleanStart)
      known = await this.find(clientId)
    }
    // Its time had come before its client did: after a crash nobody else has looked yet. [MQTT-3.1.3-9]
    const willIsDue = (known && willAt(known)) ?? Number.POSITIVE_INFINITY
    const isWillOver = known?.will !== undefined && willIsDue <= this.#parts.steady.now()
    const isOver = known !== undefined && (connect.cleanStart || this.expired(known))
    // What ends here is read in this lane: another's would know nothing of it.
    if (known !== undefined && (isWillOver || isOver) && !this.#adopt(known)) return this.#refused('log-refused')
    if (known !== undefined) this.offlineCount--
    if (known !== undefined && isWillOver) this.#publishWill(known)
    const epochBefore = known?.epoch ?? this.ended.get(clientId)?.epoch ?? 0
    // [MQTT-3.1.2-4] [MQTT-3.1.2-5] [MQTT-3.1.2-6] [MQTT-3.1.4-4]; v3.1.1 [MQTT-3.1.2-4] [MQTT-3.1.2-6] [MQTT-3.1.4-3]
    if (known !== undefined && (connect.cleanStart || this.expired(known))) {
      this.end(known, connect.cleanStart ? 'replaced' : 'expired')
      known = undefined
    }
    const session = known ?? new Session(this.#parts.nextNumber(), clientId)
    session.epoch = Math.max(session.epoch, epochBefore) + 1
    session.partition = this.#parts.own
    session.claim = claim
    this.resting.delete(clientId)
    this.online.set(clientId, session)
    session.connection = connection
    this.#inflight(session, (account) => account.resumed++)
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
      : this.#endOf(clientId)
    journal.touch(session)
    if (session.journaled && ticket === undefined) {
      this.closed(session, true)
      return this.#refused('log-refused')
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

  #inflight({ inflight }: Session, count: (account: ClassAccount) => void): void {
    const { accounts } = this.#parts.counters
    for (const partition of inflight?.partitions() ?? []) count(accounts.of(partition))
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
    session.stored = true
    return session
  }

  /** The connection is gone. `graceful`: after a DISCONNECT that discards the will. v3.1.1 [MQTT-3.1.2-10] */
  closed(session: Session, graceful: boolean): void {
    if (graceful) session.will = undefined
    this.#leave(session, 'closed')
  }

  expired(session: Session): boolean {
    const due = expiresAt(session)
    return due !== undefined && due <= this.#parts.steady.now()
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
    const { journal, steady, deadlines } = this.#parts
    this.#unroute(session)
    this.#inflight(session, (account) => account.parted++)
    if (session.live) session.cursor = new Map(this.#parts.ends())
    session.live = false
    session.settle()
    session.redelivery = []
    session.connection = undefined
    this.online.delete(session.clientId)
    this.#parts.left(session.clientId)
    const at = steady.now()
    session.closedAt = at
    // [MQTT-3.1.2-8]; a client that comes back in time takes a delayed will back. [MQTT-3.1.3-9]
    let late: LateAnswer | undefined
    if (session.will !== undefined && (session.will.delaySeconds === 0 || !session.durable || how === 'replaced')) {
      const allowed = this.#parts.mayPublish(session.will)
      if (how === 'closed' && typeof allowed !== 'boolean') late = allowed
      else this.#publishWill(session, allowed)
    } else if (how === 'taken-over') {
      session.will = undefined
    }
    // [MQTT-3.1.2-23]; v3.1.1 [MQTT-3.1.2-5]
    if (!session.durable && late === undefined) return this.end(session, 'closed')
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
    // Until the answer has come the will stands in the journal, and is due: a crash does not lose it.
    if (late !== undefined)
      this.#parts.background(this.#turns.take(session.clientId, () => this.#due(session.clientId, () => true, late)))
  }

  /** Deadlines have come: wills that waited, or the ends of sessions. Answers which are to be looked at again. */
  async due(clientIds: readonly ClientId[]): Promise<readonly ClientId[]> {
    const claims = this.#parts.deadlineClaims()
    // [MQTT-4.1.0-1] v3.1.1 [MQTT-4.1.0-1] [MQTT-4.1.0-2]
    const away = clientIds.filter((clientId) => !this.online.has(clientId))
    const { free, again } = claims === undefined ? { free: away, again: [] } : await claims.ask(away)
    // Each may wait for the access control: at the same time.
    const look = async (clientId: ClientId): Promise<ClientId[]> => {
      const isSettled = await this.#turns.take(clientId, () =>
        this.#due(clientId, () => claims?.stands(clientId) ?? true),
      )
      claims?.drop(clientId)
      return isSettled ? [] : [clientId]
    }
    return [...again, ...(await Promise.all(free.map(look))).flat()]
  }

  /** Answers false where nothing could be done about it now. */
  async #due(clientId: ClientId, stands: () => boolean, asked?: LateAnswer): Promise<boolean> {
    if (this.online.has(clientId)) return true
    const session = await this.find(clientId)
    if (session === undefined) return true
    if (!(stands() || this.isHeld(clientId))) return false
    const now = this.#parts.steady.now()
    const willIsDue = (willAt(session) ?? Number.POSITIVE_INFINITY) <= now
    const answer = session.will === undefined || !willIsDue ? false : (asked ?? this.#parts.mayPublish(session.will))
    if (typeof answer !== 'boolean') this.#parts.deadlines.add(now, clientId)
    const allowed = typeof answer === 'boolean' ? answer : ((await answer) ?? false)
    if (this.online.has(clientId)) return true
    if (!(stands() || this.isHeld(clientId))) return false
    if ((willIsDue || this.expired(session)) && !this.#adopt(session)) return false
    if (willIsDue) {
      this.#publishWill(session, allowed)
      this.resting.set(clientId, session)
      this.#parts.journal.changed.add(session)
    }
    if (!this.expired(session)) return true
    this.#parts.counters.sessionsExpired++
    this.offlineCount--
    this.end(session, 'expired')
    return true
  }

  /** CONNACK says that the session before is over: then that is durable. */
  #endOf(clientId: ClientId): number | undefined {
    return this.ended.has(clientId) ? this.#parts.journal.lastTicket : undefined
  }

  /** What happens to a session without connection stands in this lane from now on; false where the log takes nothing. */
  #adopt(session: Session): boolean {
    const { journal, own } = this.#parts
    if (!journal.isOpen) return false
    if (session.partition === own) return true
    const epoch = session.epoch + 1
    if (journal.append(session, { kind: 'adopted', epoch }) === undefined) {
      // It is not this process's to write.
      journal.forget(session)
      return false
    }
    session.epoch = epoch
    session.partition = own
    this.resting.set(session.clientId, session)
    return true
  }

  #publishWill(session: Session, allowed?: boolean | LateAnswer): void {
    const { will } = session
    session.will = undefined
    if (will !== undefined) this.#parts.publishWill(session, will, allowed ?? this.#parts.mayPublish(will))
  }
}
