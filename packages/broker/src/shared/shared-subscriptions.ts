/** Shared subscriptions, section 4.8.2 of 5.0, for clients of every version: who is a member of which group. */
import { isSharedFilter, parseSharedFilter } from '@hawser/codec'
import type { Partition, Position } from '@hawser/engine'
import type { Counters } from '../counters.ts'
import type { Limits } from '../limits/limits.ts'
import { type Router, receiverOf } from '../router/router.ts'
import type { Session } from '../session/session.ts'
import type { SessionSubscription } from '../session/subscription.ts'
import { Group } from './group.ts'
import type { GroupJournal } from './group-journal.ts'
import type { GroupReader } from './group-reader.ts'
import type { RecoveredGroups } from './group-replay.ts'
import { holesLeft } from './group-state.ts'
import type { SharedStrategy } from './strategy.ts'

export interface SharedOptions {
  /** Which member gets the next message. */
  readonly strategy?: SharedStrategy
  /** Another one for some share names. */
  readonly strategies?: Readonly<Record<string, SharedStrategy>>
}

export interface SharedParts {
  readonly limits: Limits
  readonly counters: Counters
  readonly router: Router
  readonly journal: GroupJournal
  readonly reader: GroupReader
  readonly ends: () => ReadonlyMap<Partition, Position>
  readonly options: SharedOptions
}

export class SharedSubscriptions {
  readonly #parts: SharedParts
  readonly #groups = new Map<string, Group>()

  constructor(parts: SharedParts) {
    this.#parts = parts
  }

  /** Shared subscriptions of connected sessions. */
  get count(): number {
    let count = 0
    for (const group of this.#groups.values()) count += group.members.length
    return count
  }

  /** Whether there may be a group of this filter. */
  hasRoomFor(filter: string): boolean {
    return this.#groups.has(filter) || this.#groups.size < this.#parts.limits.sharedGroupsMax
  }

  /** Groups that outlived the process, and the keys of those that ended since their row was written. */
  restore({ states, ended, replayed }: RecoveredGroups): void {
    for (const key of ended) this.#parts.journal.end(key)
    for (const state of states) {
      const group = this.#create(state.key)
      if (group === undefined) continue
      group.live = false
      group.cursor = new Map(state.cursor)
      group.returned.addAll(holesLeft(state.holes, state.done))
      group.done = state.done
      for (const clientId of state.members) group.waitsFor.add(clientId)
      // Ahead of the first horizon of this process, which may be past what the group has still to deliver; and what
      // the journal told is in no row yet.
      if (replayed) this.#parts.journal.touch(group)
    }
  }

  /** A connected session becomes a member, or changes what it is as one. */
  join(session: Session, subscription: SessionSubscription): void {
    const { router, reader, journal } = this.#parts
    const key = subscription.filter
    const group = this.#groups.get(key) ?? this.#create(key)
    if (group === undefined) return
    const isFirst = group.members.length === 0
    group.add({ session, receiver: { ...receiverOf(session, [subscription]), group }, local: true })
    session.groups ??= new Map()
    session.groups.set(key, group)
    if (session.durable && subscription.qos > 0) group.waitsFor.add(session.clientId)
    else this.#waitNoMore(group, session)
    if (isFirst) router.addGroup(group)
    else router.changedGroup(group)
    journal.touch(group)
    reader.start(group)
  }

  /** The session has unsubscribed. What it has in flight it still completes. */
  leave(session: Session, filter: string): void {
    const group = this.#groups.get(filter)
    if (group === undefined) return
    this.#remove(group, session)
    this.#waitNoMore(group, session)
    this.#settle(group)
  }

  /** The session's connection is gone: others get what was not yet sent to it, and what it has not acknowledged. */
  part(session: Session): void {
    const { groups } = session
    if (groups === undefined) return
    session.groups = undefined
    for (const group of groups.values()) {
      this.#remove(group, session)
      group.holders.delete(session)
      this.#dropIfEmpty(group)
    }
    const shares = session.inflight?.takeShares()
    for (const [group, places] of shares ?? []) {
      group.fallBehind(this.#parts.ends())
      group.returned.addAll(places)
    }
    for (const group of groups.values()) this.#settle(group)
  }

  /** The session is over: no group waits for it. */
  forget(session: Session): void {
    for (const filter of session.subscriptions.keys()) {
      const group = isSharedFilter(filter) ? this.#groups.get(filter) : undefined
      if (group === undefined) continue
      this.#waitNoMore(group, session)
      this.#settle(group)
    }
  }

  /** A member takes more than before. */
  wake(session: Session): void {
    if (session.groups === undefined) return
    for (const group of session.groups.values()) if (!group.live) this.#parts.reader.start(group)
  }

  /** The lowest position that a group still needs. */
  lowest(partition: Partition): number {
    let lowest = Number.POSITIVE_INFINITY
    for (const group of this.#groups.values()) lowest = Math.min(lowest, group.lowest(partition))
    return lowest
  }

  #create(key: string): Group | undefined {
    const shared = parseSharedFilter(key)
    if (shared === undefined) return undefined
    const { strategy = 'round-robin', strategies = {} } = this.#parts.options
    const own = Object.hasOwn(strategies, shared.group) ? strategies[shared.group] : undefined
    const group = new Group(key, shared.filter, own ?? strategy)
    this.#groups.set(key, group)
    return group
  }

  #remove(group: Group, session: Session): void {
    const { router } = this.#parts
    if (!group.remove(session)) return
    if (group.members.length === 0) router.removeGroup(group)
    else router.changedGroup(group)
  }

  #waitNoMore(group: Group, session: Session): void {
    const { journal } = this.#parts
    if (!group.waitsFor.delete(session.clientId)) return
    if (group.waitsFor.size === 0) journal.forget(group)
    else journal.touch(group)
  }

  /** After members have gone: the rest goes on with what came back, or the cursor waits for them. */
  #settle(group: Group): void {
    const { ends, journal, reader } = this.#parts
    if (this.#dropIfEmpty(group)) return
    if (group.members.length === 0) group.fallBehind(ends())
    journal.touch(group)
    reader.start(group)
  }

  #dropIfEmpty(group: Group): boolean {
    if (group.members.length > 0 || group.durable) return false
    group.dropped = true
    // Another of the same filter may be there by now.
    if (this.#groups.get(group.key) === group) this.#groups.delete(group.key)
    return true
  }
}
