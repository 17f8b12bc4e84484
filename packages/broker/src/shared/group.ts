/**
 * A shared subscription: the members that hold one share name and topic filter, and one cursor over the log for all of
 * them. What it has handed out is in flight at its members, what came back waits to be handed out again; nothing is
 * queued for a member.
 */
import type { Cursor, Partition, PeerId, Position } from '@hawser/engine'
import type { ClientId, Random, SessionNumber } from '@hawser/std'
import { placeKey } from '../journal/session-state.ts'
import type { Session } from '../session/session.ts'
import type { Stand } from './group-follower.ts'
import type { Holder } from './holder.ts'
import { type GroupMember, numberOf, takes } from './member.ts'
import { type Place, Places } from './places.ts'
import type { ShareOwner } from './share-owner.ts'
import { firstAsked, type SharedMessage, type SharedStrategy } from './strategy.ts'

/** Whether a member's client may read the message's topic; undefined while somebody is asked, who wakes the group then. */
export type MayReceiveShare = (member: GroupMember, message: SharedMessage) => boolean | undefined

export class Group implements ShareOwner {
  /** The filter as subscribed, `$share/{name}/{filter}`. */
  readonly key: string
  readonly filter: string
  readonly strategy: SharedStrategy
  /** Those with a connection, by the number of their session: in the same order in every process. */
  readonly members: GroupMember[] = []
  /** Clients whose session outlives its connection and takes more than QoS 0, connected or not: the group waits for them. */
  readonly waitsFor = new Set<ClientId>()
  /** Other processes that have members, or are about to. */
  readonly wantedBy = new Set<PeerId>()
  /** Connected sessions that may have messages of the group in flight, members or members that have unsubscribed. */
  readonly holders = new Set<Session>()
  /** Sessions that have been handed messages over the bus, and have not confirmed all. */
  readonly handedTo = new Set<Holder>()
  /** By place, the members in other processes that may not read what came back from them. */
  readonly refusals = new Map<string, Set<Holder>>()
  /** Where the log stood when it came to be: its messages are from there on. */
  readonly birth: Cursor
  /** Live: all committed records have been handed out. Else they are read from `cursor` on. */
  live = true
  /** Of the partitions that this process hands out. */
  cursor = new Map<Partition, Position>()
  /** Below the cursor, and with no member now. */
  readonly returned = new Places()
  /** At or past the cursor, and a member's already at QoS 2: known after a crash only. */
  done: ReadonlySet<string> | undefined
  /** At or past the cursor, and with a member since before this process handed out their partition. */
  atMembers: Set<string> | undefined
  /** Of partitions that nobody hands out yet: where the last process of this lane has left them. */
  readonly left = new Map<Partition, Stand>()
  /** Deliveries at QoS 1 that members have not acknowledged, and hand-overs that are open. */
  inflight = 0
  begun = 0
  /** No member is left: what is in flight belongs to the sessions that have it. */
  dropped = false
  /** A reader is at work for it. */
  reading = false
  /** Set while that reader waits for a member to take more. */
  wakeReader: (() => void) | undefined
  /** It was to be read while the reader was about to end. */
  readAgain = false
  /** Index of the member that took the newest message. */
  #last = -1

  constructor(key: string, filter: string, strategy: SharedStrategy, birth: Cursor) {
    this.key = key
    this.filter = filter
    this.strategy = strategy
    this.birth = birth
  }

  /** A process's end does not end it. */
  get durable(): boolean {
    return this.waitsFor.size > 0
  }

  /** Adds a member, or replaces what it was before; answers that. */
  add(member: GroupMember): GroupMember | undefined {
    const number = numberOf(member)
    if (member.kind === 'local') this.holders.add(member.session)
    const at = this.#indexOf(number)
    const before = this.members[at]
    if (before === undefined) this.#insert(member, number)
    else this.members[at] = member
    return before
  }

  /** Answers what the session was; undefined where it was no member. */
  remove(number: SessionNumber): GroupMember | undefined {
    const at = this.#indexOf(number)
    if (at < 0) return undefined
    if (at <= this.#last) this.#last--
    return this.members.splice(at, 1)[0]
  }

  /** Whose the next message is; undefined while none can take it that may. */
  choose(qos: 0 | 1 | 2, message: SharedMessage, random: Random, mayReceive: MayReceiveShare): GroupMember | undefined {
    const count = this.members.length
    if (count === 0) return undefined
    const first = firstAsked[this.strategy](this.#last, count, message, random)
    const local = this.strategy === 'local-first' ? this.#ask(first, qos, message, mayReceive, true) : undefined
    return local ?? this.#ask(first, qos, message, mayReceive, false)
  }

  /** Leaves the live path at a place that could not be handed out, or because something has come back. */
  fallBehind(ends: Cursor): void {
    if (!this.live) return
    this.live = false
    this.cursor = new Map(ends)
  }

  /** Goes on with a partition where others, or an earlier process, have left it. */
  resume(partition: Partition, { cursor, holes, done, atMembers }: Stand): void {
    this.left.delete(partition)
    this.cursor.set(partition, cursor)
    const returned = holes.filter((hole) => !done.has(hole) && atMembers?.has(hole) !== true)
    this.returned.addAll(returned.map((position) => ({ partition, position })))
    const keysOf = (positions: Iterable<Position>) => Array.from(positions, (position) => placeKey(partition, position))
    if (done.size > 0) this.done = new Set([...(this.done ?? []), ...keysOf(done)])
    if (atMembers !== undefined) this.atMembers = new Set([...(this.atMembers ?? []), ...keysOf(atMembers)])
  }

  /** Nobody has to be given it by a reader that comes to it. */
  passes(partition: Partition, position: Position): boolean {
    const key = placeKey(partition, position)
    return this.done?.has(key) === true || this.atMembers?.has(key) === true
  }

  /** All is handed out: nothing is ahead of a reader any more. */
  reachedHead(): void {
    this.live = true
    this.done = undefined
    this.atMembers = undefined
  }

  /** Another process goes on with the partition. */
  release(partition: Partition): void {
    this.cursor.delete(partition)
    this.returned.removePartition(partition)
    for (const holder of this.handedTo) {
      for (const { place } of [...holder.open()]) if (place.partition === partition) holder.close(place)
    }
  }

  /** The places of what members have not acknowledged at QoS 1, and of hand-overs that are open. */
  placesInFlight(): Place[] {
    const places: Place[] = []
    for (const session of this.holders) session.inflight?.collectPlaces(this, places)
    for (const holder of this.handedTo) for (const { place } of holder.open()) places.push(place)
    return places
  }

  /** The lowest position of one partition that it still needs, apart from what connected sessions have in flight. */
  lowest(partition: Partition): number {
    let lowest = this.live ? Number.POSITIVE_INFINITY : (this.cursor.get(partition) ?? 0)
    for (const holder of this.handedTo) {
      for (const { place } of holder.open())
        if (place.partition === partition) lowest = Math.min(lowest, place.position)
    }
    return Math.min(lowest, this.returned.lowest(partition))
  }

  // What its own members have in flight is counted, and journaled once a second: nobody else has to be told.
  assigned(): void {}
  taken(): void {}
  completed(): void {}

  #insert(member: GroupMember, number: SessionNumber): void {
    const behind = this.members.findIndex((other) => numberOf(other) > number)
    const at = behind < 0 ? this.members.length : behind
    this.members.splice(at, 0, member)
    if (at <= this.#last) this.#last++
  }

  #indexOf(number: SessionNumber): number {
    return this.members.findIndex((member) => numberOf(member) === number)
  }

  #ask(
    first: number,
    qos: 0 | 1 | 2,
    message: SharedMessage,
    mayReceive: MayReceiveShare,
    localOnly: boolean,
  ): GroupMember | undefined {
    const { members } = this
    for (let step = 0; step < members.length; step++) {
      const index = (first + step) % members.length
      const member = members[index]
      if (member === undefined || (localOnly && member.kind === 'remote') || !takes(member, qos)) continue
      if (mayReceive(member, message) !== true) continue
      this.#last = index
      return member
    }
    return undefined
  }
}
