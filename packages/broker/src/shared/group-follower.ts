/**
 * Where groups stand, as rows and records tell of it: at a start, and for a process that is not alone all the time,
 * so that it can go on with a lane whose owner is dead.
 */
import {
  type Cursor,
  type Partition,
  type Position,
  position as positionOf,
  recordEnd,
  recordFlagsAt,
  recordKind,
  recordKindAt,
  recordTopicEnd,
  recordTopicStart,
} from '@hawser/engine'
import type { ClientId, SessionNumber } from '@hawser/std'
import { horizonFlag } from '../journal/journal.ts'
import { mayChangeGroups, readSessionEvent, type SessionEvent } from '../journal/session-event.ts'
import { decodeCursor, placeKey } from '../journal/session-state.ts'
import { decodeProgress, type GroupProgress, type GroupState } from './group-state.ts'
import type { Place } from './places.ts'

/** Where a group stands in one partition. */
export interface Stand {
  readonly cursor: Position
  /** Below the cursor, and to be delivered (again). */
  readonly holes: readonly Position[]
  /** Not to be delivered again, wherever they stand. */
  readonly done: ReadonlySet<Position>
  /** With members now, who acknowledge them or give them back. */
  readonly atMembers?: ReadonlySet<Position>
}

interface Account extends Pick<Stand, 'cursor' | 'holes'> {
  readonly atHorizon: boolean
  /** Of the process that said so: its horizon counts. */
  readonly lane: Partition
  readonly term: number
}

interface Followed {
  /** Clients whose durable sessions are members. */
  readonly members: Set<ClientId>
  readonly accounts: Map<Partition, Account>
  /** Since an account was given: what became a session's at QoS 2, and what members of this process have completed. */
  readonly done: Map<Partition, Set<Position>>
  birth: Cursor
}

interface Client {
  /** Undefined where only a row tells of it. */
  number: SessionNumber | undefined
  readonly keys: Set<string>
}

/** What follows for durable members from the records of other processes. */
export interface MembershipListener {
  waitFor(key: string, clientId: ClientId, birth: Cursor): void
  waitNoMore(key: string, clientId: ClientId): void
}

export class GroupFollower {
  readonly #groups = new Map<string, Followed>()
  readonly #clients = new Map<ClientId, Client>()
  readonly #horizons = new Map<Partition, Cursor>()
  readonly #own: Partition
  readonly #isHeld: (partition: Partition) => boolean
  readonly #listener: MembershipListener | undefined

  /** `isHeld`: this process hands the partition out. A process that is alone has no listener. */
  constructor(own: Partition, isHeld: (partition: Partition) => boolean, listener?: MembershipListener) {
    this.#own = own
    this.#isHeld = isHeld
    this.#listener = listener
  }

  /** A row that the process of a lane has written. */
  load(state: GroupState, lane: Partition): void {
    const group = this.#of(state.key)
    for (const clientId of state.members) this.#join(state.key, group, clientId, undefined)
    this.#account(group, state, lane)
    for (const place of state.done) {
      const [partition, position] = place.split('/').map(Number)
      this.#doneOf(group, partition as Partition).add(position as Position)
    }
  }

  /** A group that stands at the horizon of this lane stands here. */
  setHorizon(lane: Partition, horizon: Cursor): void {
    this.#horizons.set(lane, horizon)
  }

  /** What any record but a publish means for groups. */
  record(bytes: Buffer, at: number, lane: Partition): void {
    switch (recordKindAt(bytes, at)) {
      case recordKind.session:
        if (mayChangeGroups(bytes, at)) this.#session(bytes, at, lane)
        return
      case recordKind.share: {
        const topicEnd = recordTopicEnd(bytes, at)
        const group = this.#of(bytes.toString('utf8', recordTopicStart(at), topicEnd))
        return this.#account(group, decodeProgress(bytes.toString('utf8', topicEnd, recordEnd(bytes, at))), lane)
      }
      case recordKind.horizon: {
        if ((recordFlagsAt(bytes, at) & horizonFlag.first) !== 0) this.#endLife(lane)
        const body = bytes.toString('utf8', recordTopicEnd(bytes, at), recordEnd(bytes, at))
        this.#horizons.set(lane, decodeCursor(JSON.parse(body) as [number, number][]))
      }
    }
  }

  /** A process begins on the lane that has handed out nothing yet: groups stay where the one before had them. */
  #endLife(lane: Partition): void {
    for (const { accounts } of this.#groups.values()) {
      for (const [partition, account] of accounts) {
        if (account.lane !== lane || !account.atHorizon) continue
        accounts.set(partition, { ...account, cursor: this.#cursorOf(account, partition), atHorizon: false })
      }
    }
  }

  #cursorOf({ atHorizon, cursor, lane }: Account, partition: Partition): Position {
    const horizon = atHorizon ? (this.#horizons.get(lane)?.get(partition) ?? 0) : 0
    return positionOf(Math.max(cursor, horizon))
  }

  /** Groups with durable members. */
  *durable(): Iterable<{ readonly key: string; readonly members: ReadonlySet<ClientId>; readonly birth: Cursor }> {
    for (const [key, { members, birth }] of this.#groups) if (members.size > 0) yield { key, members, birth }
  }

  stand(key: string, partition: Partition, birth: Cursor): Stand {
    const group = this.#groups.get(key)
    const account = group?.accounts.get(partition)
    const done = group?.done.get(partition) ?? new Set<Position>()
    if (account === undefined) return { cursor: birth.get(partition) ?? positionOf(0), holes: [], done }
    return { cursor: this.#cursorOf(account, partition), holes: account.holes, done }
  }

  /** How often a partition has changed hands, and whether the last of them was another than `lane`. */
  termOf(partition: Partition, lane: Partition): number {
    let term = 0
    let isOthers = false
    for (const { accounts } of this.#groups.values()) {
      const account = accounts.get(partition)
      if (account === undefined || account.term < term) continue
      if (account.term > term) isOthers = false
      term = account.term
      isOthers ||= account.lane !== lane
    }
    return isOthers ? term + 1 : term
  }

  /** A member of this process has completed it, or has it for ever. */
  addDone(key: string, partition: Partition, position: Position): void {
    this.#doneOf(this.#of(key), partition).add(position)
  }

  *done(partition: Partition): Iterable<readonly [string, ReadonlySet<Position>]> {
    for (const [key, { done }] of this.#groups) {
      const positions = done.get(partition)
      if (positions !== undefined && positions.size > 0) yield [key, positions]
    }
  }

  /** As rows name them. */
  *placesDone(key: string): Iterable<string> {
    for (const [partition, positions] of this.#groups.get(key)?.done ?? []) {
      for (const position of positions) yield placeKey(partition, position)
    }
  }

  /** What a start needs to know of what this lane's process has said, as rows. */
  *rowsOf(lane: Partition): Iterable<GroupState> {
    for (const [key, { members, accounts, birth }] of this.#groups) {
      if (members.size === 0) continue
      const cursor = new Map<Partition, Position>()
      const terms = new Map<Partition, number>()
      const holes: Place[] = []
      for (const [partition, account] of accounts) {
        if (account.lane !== lane) continue
        cursor.set(partition, this.stand(key, partition, birth).cursor)
        terms.set(partition, account.term)
        for (const position of account.holes) holes.push({ partition, position })
      }
      yield { key, members, done: new Set(this.placesDone(key)), atHorizon: false, cursor, terms, holes }
    }
  }

  /** Where groups stand by the word of the last process of a lane. */
  *left(lane: Partition) {
    for (const [key, { accounts, birth }] of this.#groups) {
      for (const [partition, account] of accounts) {
        if (account.lane !== lane) continue
        yield { key, partition, stand: this.stand(key, partition, birth), term: account.term }
      }
    }
  }

  isDone(key: string, partition: Partition, position: Position): boolean {
    return this.#groups.get(key)?.done.get(partition)?.has(position) === true
  }

  /** The group is over in this process: no durable member, and none with a connection. */
  forget(key: string): void {
    if (this.#groups.get(key)?.members.size === 0) this.#groups.delete(key)
  }

  /** No session's own state confirms what a row says of a member; what a journal has said since counts all the same. */
  leaveUnconfirmed(key: string, clientId: ClientId): void {
    if (this.#clients.get(clientId)?.number === undefined) this.#leave(key, clientId, undefined)
  }

  #leave(key: string, clientId: ClientId, listener: MembershipListener | undefined): void {
    this.#clients.get(clientId)?.keys.delete(key)
    if (this.#groups.get(key)?.members.delete(clientId)) listener?.waitNoMore(key, clientId)
  }

  #session(bytes: Buffer, at: number, lane: Partition): void {
    // What this process has done itself it knows already.
    const listener = lane === this.#own ? undefined : this.#listener
    const { clientId, number, event } = readSessionEvent(bytes, at)
    const client = this.#clients.get(clientId)
    const isOthers = client?.number !== undefined && client.number !== number
    switch (event.kind) {
      case 'opened':
        if (isOthers) this.#over(clientId, listener)
        else if (client !== undefined) client.number = number
        return
      case 'subscribed':
        return this.#subscribed(clientId, number, event.subscription, listener)
      case 'unsubscribed':
        if (!isOthers) this.#leave(event.filter, clientId, listener)
        return
      case 'assigned': {
        const { shared, partition, position } = event.message
        // Of its own lane this process knows what its sessions have.
        const isOurs = lane === this.#own && this.#isHeld(partition)
        if (shared !== undefined && !isOurs) this.addDone(shared, partition, position)
        return
      }
      case 'ended':
        // Late records of a session that a newer one has replaced.
        if (!isOthers) this.#over(clientId, listener)
    }
  }

  #subscribed(
    clientId: ClientId,
    number: SessionNumber,
    { filter, shared, qos, since }: Extract<SessionEvent, { kind: 'subscribed' }>['subscription'],
    listener: MembershipListener | undefined,
  ): void {
    if (shared === undefined) return
    if (qos === 0) return this.#leave(filter, clientId, listener)
    const group = this.#of(filter)
    if (group.members.size === 0) group.birth = decodeCursor(since)
    this.#join(filter, group, clientId, number)
    listener?.waitFor(filter, clientId, group.birth)
  }

  #join(key: string, { members }: Followed, clientId: ClientId, number: SessionNumber | undefined): void {
    const client = this.#clients.get(clientId) ?? { number, keys: new Set<string>() }
    client.number = number ?? client.number
    client.keys.add(key)
    this.#clients.set(clientId, client)
    members.add(clientId)
  }

  #over(clientId: ClientId, listener: MembershipListener | undefined): void {
    const keys = this.#clients.get(clientId)?.keys ?? []
    this.#clients.delete(clientId)
    for (const key of keys) this.#leave(key, clientId, listener)
  }

  #account(group: Followed, { atHorizon, cursor, terms, holes }: GroupProgress, lane: Partition): void {
    for (const [partition, next] of cursor) {
      const term = terms.get(partition) ?? 0
      if ((group.accounts.get(partition)?.term ?? 0) > term) continue
      const places = holes.filter((hole) => hole.partition === partition).map(({ position }) => position)
      group.accounts.set(partition, { cursor: next, holes: places, atHorizon, lane, term })
      this.#prune(group, partition, next, new Set(places))
    }
  }

  /** What lies below the cursor and is no hole is not asked for again. */
  #prune(group: Followed, partition: Partition, cursor: Position, holes: ReadonlySet<Position>): void {
    const done = group.done.get(partition)
    for (const position of done ?? []) if (position < cursor && !holes.has(position)) done?.delete(position)
  }

  #of(key: string): Followed {
    let group = this.#groups.get(key)
    if (group === undefined) {
      group = { members: new Set(), accounts: new Map(), done: new Map(), birth: new Map() }
      this.#groups.set(key, group)
    }
    return group
  }

  #doneOf({ done }: Followed, partition: Partition): Set<Position> {
    let positions = done.get(partition)
    if (positions === undefined) {
      positions = new Set()
      done.set(partition, positions)
    }
    return positions
  }
}
