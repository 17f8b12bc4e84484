/** Shared subscriptions, section 4.8.2 of 5.0, for clients of every version: who is a member of which group. */
import { isSharedFilter } from '@hawser/codec'
import type { Partition, PeerId, Position, StateChange } from '@hawser/engine'
import type { Accounts } from '../measure/accounts.ts'
import { receiverOf } from '../router/router.ts'
import type { Session } from '../session/session.ts'
import type { SessionSubscription } from '../session/subscription.ts'
import { Group } from './group.ts'
import type { GroupFollower } from './group-follower.ts'
import type { GroupJournal } from './group-journal.ts'
import type { GroupReader } from './group-reader.ts'
import type { Groups } from './groups.ts'
import type { Leases } from './leases.ts'
import type { LocalMember } from './member.ts'
import type { BetweenProcesses } from './processes/between-processes.ts'

export interface SharedParts {
  readonly own: Partition
  readonly partitions: () => readonly Partition[]
  readonly leases: Leases
  readonly groups: Groups
  readonly journal: GroupJournal
  readonly reader: GroupReader
  readonly between: BetweenProcesses | undefined
  readonly accounts: Accounts
}

/** What a start knows of groups. */
export interface RecoveredGroups {
  readonly follower: GroupFollower
  /** Of groups that are over, or whose row is written anew elsewhere. */
  readonly rowsToEnd: readonly StateChange[]
  /** Several processes have written rows. */
  readonly hadOthers: boolean
  /** The journal went on after the rows were written. */
  readonly replayed: boolean
}

export class SharedSubscriptions {
  readonly #parts: SharedParts

  constructor(parts: SharedParts) {
    this.#parts = parts
  }

  /** Shared subscriptions of connected sessions. */
  get count(): number {
    let count = 0
    for (const { members } of this.#parts.groups.all()) {
      for (const { kind } of members) if (kind === 'local') count++
    }
    return count
  }

  /** Whether there may be a group of this filter. */
  hasRoomFor(filter: string): boolean {
    return this.#parts.groups.hasRoomFor(filter)
  }

  /** Groups that outlived the process. */
  restore({ follower, rowsToEnd, hadOthers, replayed }: RecoveredGroups): void {
    const { groups, journal, partitions, leases, own } = this.#parts
    for (const row of rowsToEnd) journal.end(row)
    for (const { key, members, birth } of follower.durable()) {
      const group = groups.ensure(key, birth)
      if (group === undefined) continue
      for (const clientId of members) group.waitsFor.add(clientId)
      // Ahead of the first horizon of this process, which may be past what the group has still to deliver; and what
      // the journal told is in no row yet.
      if (replayed || hadOthers) journal.touch(group)
    }
    if (this.#parts.between !== undefined) {
      // Until this process hands them out, or another does, its horizons say nothing of where groups stand.
      for (const { key, partition, stand, term } of follower.left(own)) {
        groups.get(key)?.left.set(partition, stand)
        leases.terms.set(partition, Math.max(term, leases.terms.get(partition) ?? 0))
      }
      return
    }
    for (const partition of partitions()) {
      const term = follower.termOf(partition, own)
      if (term > 0) leases.terms.set(partition, term)
      groups.resume(partition, ({ key, birth }) => follower.stand(key, partition, birth))
    }
  }

  /** Once other processes have been greeted: hands out this one's lane from where its last owner has left it. */
  start(): void {
    this.#parts.between?.start()
  }

  /**
   * To be called by who adopts a lane, as soon as its tail is recovered: what it says of groups is in rows when this
   * resolves, and its messages are handed out from here on.
   */
  async adopted(lane: Partition, end: Position): Promise<void> {
    await this.#parts.between?.adopted(lane, end)
  }

  /** Another process wants shares of a group, or does so no more. */
  wantedElsewhere(peer: PeerId, key: string, isWanted: boolean): void {
    this.#parts.between?.wanted(peer, key, isWanted)
  }

  /** A connected session becomes a member, or changes what it is as one. */
  join(session: Session, subscription: SessionSubscription): void {
    const { groups, between } = this.#parts
    const group = groups.ensure(subscription.filter)
    if (group === undefined) return
    const receiver = { ...receiverOf(session, [subscription]), shareOf: group }
    const before = group.members.find((member) => member.kind === 'local' && member.session === session)
    const id = before?.kind === 'local' ? before.id : (between?.nextMember() ?? 0)
    const member: LocalMember = { kind: 'local', session, receiver, id }
    session.groups ??= new Map()
    session.groups.set(group.key, group)
    const waits = session.durable && subscription.qos > 0
    if (waits) group.waitsFor.add(session.clientId)
    else groups.stopWaiting(group, session.clientId)
    groups.add(group, member)
    between?.joined(group, member, waits)
  }

  /** The session has unsubscribed. What it has in flight it still completes. */
  leave(session: Session, filter: string): void {
    const { groups, between } = this.#parts
    const group = groups.get(filter)
    if (group === undefined) return
    between?.left(group, session, false)
    groups.remove(group, session.number)
    groups.stopWaiting(group, session.clientId)
    groups.settle(group)
  }

  /** The session's connection is gone: others get what was not yet sent to it, and what it has not acknowledged. */
  part(session: Session): void {
    if (session.groups === undefined) return
    const { groups, between } = this.#parts
    const parted = session.groups
    session.groups = undefined
    for (const group of parted.values()) {
      between?.left(group, session, group.waitsFor.has(session.clientId))
      groups.remove(group, session.number)
      group.holders.delete(session)
      groups.dropIfEmpty(group)
    }
    for (const [owner, places] of session.inflight?.takeShares() ?? []) {
      for (const { partition } of places) this.#parts.accounts.of(partition).returned++
      if (owner instanceof Group) groups.takeBack(owner, places)
      else for (const { position } of places) between?.giveBack(owner, position)
    }
    for (const group of parted.values()) groups.settle(group)
  }

  /** The session is over: no group waits for it. */
  forget(session: Session): void {
    const { groups } = this.#parts
    for (const filter of session.subscriptions.keys()) {
      const group = isSharedFilter(filter) ? groups.get(filter) : undefined
      if (group === undefined) continue
      groups.stopWaiting(group, session.clientId)
      groups.settle(group)
    }
  }

  /** A member takes more than before. */
  wake(session: Session): void {
    if (session.groups === undefined) return
    for (const group of session.groups.values()) if (!group.live) this.#parts.reader.start(group)
    this.#parts.between?.wake(session)
  }

  /** The lowest position that a group still needs. */
  lowest(partition: Partition): number {
    return this.#parts.groups.lowest(partition)
  }
}
