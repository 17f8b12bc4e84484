/** All shared subscriptions that this process knows: with a member here or elsewhere, or with a durable one. */
import { parseSharedFilter } from '@hawser/codec'
import type { Cursor, Partition, Position } from '@hawser/engine'
import type { ClientId, SessionNumber } from '@hawser/std'
import { placeKey } from '../journal/session-state.ts'
import type { Limits } from '../limits/limits.ts'
import type { Router } from '../router/router.ts'
import { Group } from './group.ts'
import type { GroupFollower, MembershipListener, Stand } from './group-follower.ts'
import type { GroupJournal } from './group-journal.ts'
import type { GroupReader } from './group-reader.ts'
import type { Leases } from './leases.ts'
import type { GroupMember } from './member.ts'
import type { Place } from './places.ts'
import type { SharedStrategy } from './strategy.ts'

export interface SharedOptions {
  /** Which member gets the next message. */
  readonly strategy?: SharedStrategy
  /** Another one for some share names. */
  readonly strategies?: Readonly<Record<string, SharedStrategy>>
}

export interface GroupsParts {
  readonly limits: Limits
  readonly router: Router
  readonly journal: GroupJournal
  readonly reader: GroupReader
  readonly leases: Leases
  readonly follower: GroupFollower | undefined
  /** No lane waits to be taken over: who is a member is known. */
  readonly isWhole: () => boolean
  /** Of all partitions. */
  readonly ends: () => ReadonlyMap<Partition, Position>
  readonly options: SharedOptions
}

export class Groups implements MembershipListener {
  readonly #parts: GroupsParts
  readonly #groups = new Map<string, Group>()

  constructor(parts: GroupsParts) {
    this.#parts = parts
  }

  all(): Iterable<Group> {
    return this.#groups.values()
  }

  get(key: string): Group | undefined {
    return this.#groups.get(key)
  }

  /** Whether there may be a group of this filter. */
  hasRoomFor(filter: string): boolean {
    return this.#groups.has(filter) || this.#groups.size < this.#parts.limits.sharedGroupsMax
  }

  /** Undefined where the key names none. */
  ensure(key: string, birth: Cursor = this.#parts.ends()): Group | undefined {
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const shared = parseSharedFilter(key)
    if (shared === undefined) return undefined
    const { strategy = 'round-robin', strategies = {} } = this.#parts.options
    const own = Object.hasOwn(strategies, shared.group) ? strategies[shared.group] : undefined
    const group = new Group(key, shared.filter, own ?? strategy, new Map(birth))
    this.#groups.set(key, group)
    return group
  }

  add(group: Group, member: GroupMember): void {
    const { router, journal, reader } = this.#parts
    const isFirst = group.members.length === 0
    const before = group.add(member)
    if (member.kind === 'local' && before?.kind !== 'local') router.addShare(group)
    if (member.kind === 'remote' && before?.kind === 'local') router.removeShare(group)
    if (isFirst) router.addGroup(group)
    else router.changedGroup(group)
    journal.touch(group)
    reader.start(group)
  }

  remove(group: Group, number: SessionNumber): void {
    const { router } = this.#parts
    const removed = group.remove(number)
    if (removed === undefined) return
    if (removed.kind === 'local') router.removeShare(group)
    if (group.members.length === 0) router.removeGroup(group)
    else router.changedGroup(group)
  }

  /** A durable session is a member, wherever its connection is. `birth`: of its group, where that is older than now. */
  waitFor(key: string, clientId: ClientId, birth?: Cursor): void {
    const group = this.ensure(key, birth)
    if (group === undefined || group.waitsFor.has(clientId)) return
    group.waitsFor.add(clientId)
    this.#parts.journal.touch(group)
  }

  waitNoMore(key: string, clientId: ClientId): void {
    const group = this.#groups.get(key)
    if (group === undefined) return
    // What its process has said by now is newer than a record.
    if (group.members.some((member) => member.kind === 'remote' && member.clientId === clientId)) return
    this.stopWaiting(group, clientId)
    this.settle(group)
  }

  stopWaiting(group: Group, clientId: ClientId): void {
    const { journal } = this.#parts
    if (!group.waitsFor.delete(clientId)) return
    if (group.waitsFor.size === 0) journal.forget(group)
    else journal.touch(group)
  }

  /** To be handed out again: members that had it have left, or do not take it. */
  takeBack(group: Group, places: readonly Place[]): void {
    const { leases, journal } = this.#parts
    const ours = places.filter(({ partition }) => leases.has(partition))
    if (ours.length === 0) return
    group.fallBehind(leases.ends())
    // A member had it when the partition changed hands: now nobody has.
    for (const { partition, position } of ours) group.atMembers?.delete(placeKey(partition, position))
    group.returned.addAll(ours)
    journal.touch(group)
  }

  /** After members have gone: the rest goes on with what came back, or the cursor waits for them. */
  settle(group: Group): void {
    const { leases, journal, reader } = this.#parts
    if (this.dropIfEmpty(group)) return
    if (group.members.length === 0) group.fallBehind(leases.ends())
    journal.touch(group)
    reader.start(group)
  }

  dropIfEmpty(group: Group): boolean {
    if (group.members.length > 0 || group.durable || group.wantedBy.size > 0 || !this.#parts.isWhole()) return false
    group.dropped = true
    // Another of the same filter may be there by now.
    if (this.#groups.get(group.key) === group) {
      this.#groups.delete(group.key)
      this.#parts.follower?.forget(group.key)
    }
    return true
  }

  /** This process hands out the partition from now on. */
  resume(partition: Partition, standOf: (group: Group) => Stand): void {
    const { leases, reader } = this.#parts
    for (const group of this.all()) {
      group.fallBehind(leases.ends())
      group.resume(partition, standOf(group))
    }
    leases.hold(partition)
    for (const group of this.all()) reader.start(group)
  }

  /** The lowest position that a group still needs. */
  lowest(partition: Partition): number {
    let lowest = Number.POSITIVE_INFINITY
    if (!this.#parts.leases.has(partition)) return lowest
    for (const group of this.all()) lowest = Math.min(lowest, group.lowest(partition))
    return lowest
  }
}
