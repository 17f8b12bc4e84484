/**
 * A shared subscription: the members that hold one share name and topic filter, and one cursor over the log for all of
 * them. What it has handed out is in flight at its members, what came back waits to be handed out again; nothing is
 * queued for a member.
 */
import type { Cursor, Partition, Position } from '@hawser/engine'
import type { ClientId, Random } from '@hawser/std'
import type { Receiver } from '../router/route.ts'
import type { Session } from '../session/session.ts'
import { type Place, Places } from './places.ts'
import { firstAsked, type SharedMessage, type SharedStrategy } from './strategy.ts'

export interface GroupMember {
  readonly session: Session
  readonly receiver: Receiver
  /** Its connection is with this process. */
  readonly local: boolean
}

/** Whether a member's client may read the message's topic; undefined while somebody is asked, who wakes the group then. */
export type MayReceiveShare = (session: Session, message: SharedMessage) => boolean | undefined

export class Group {
  /** The filter as subscribed, `$share/{name}/{filter}`. */
  readonly key: string
  readonly filter: string
  readonly strategy: SharedStrategy
  /** Those with a connection, in the order in which they came. */
  readonly members: GroupMember[] = []
  /** Clients whose session outlives its connection and takes more than QoS 0, connected or not: the group waits for them. */
  readonly waitsFor = new Set<ClientId>()
  /** Connected sessions that may have messages of the group in flight, members or members that have unsubscribed. */
  readonly holders = new Set<Session>()
  /** Live: all committed records have been handed out. Else they are read from `cursor` on. */
  live = true
  cursor = new Map<Partition, Position>()
  /** Below the cursor, and with no member now. */
  readonly returned = new Places()
  /** At or past the cursor, and a member's already at QoS 2: known after a crash only. */
  done: ReadonlySet<string> | undefined
  /** QoS 1 deliveries that members have not acknowledged. */
  inflight = 0
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

  constructor(key: string, filter: string, strategy: SharedStrategy) {
    this.key = key
    this.filter = filter
    this.strategy = strategy
  }

  /** A process's end does not end it. */
  get durable(): boolean {
    return this.waitsFor.size > 0
  }

  /** Adds a member, or replaces what it was before. */
  add(member: GroupMember): void {
    const at = this.#indexOf(member.session)
    if (at >= 0) this.members[at] = member
    else this.members.push(member)
    this.holders.add(member.session)
  }

  /** Answers whether the session was a member. */
  remove(session: Session): boolean {
    const at = this.#indexOf(session)
    if (at < 0) return false
    this.members.splice(at, 1)
    if (at <= this.#last) this.#last--
    return true
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

  /** The places of what members have not acknowledged at QoS 1. */
  placesInFlight(): Place[] {
    const places: Place[] = []
    for (const session of this.holders) session.inflight?.collectPlaces(this, places)
    return places
  }

  /** The lowest position of one partition that it still needs, apart from what connected sessions have in flight. */
  lowest(partition: Partition): number {
    const cursor = this.live ? Number.POSITIVE_INFINITY : (this.cursor.get(partition) ?? 0)
    return Math.min(cursor, this.returned.lowest(partition))
  }

  #indexOf(session: Session): number {
    return this.members.findIndex((member) => member.session === session)
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
      if (member === undefined || (localOnly && !member.local) || !takes(member, qos)) continue
      if (mayReceive(member.session, message) !== true) continue
      this.#last = index
      return member
    }
    return undefined
  }
}

/** Whether a member can be given a message now: the lower of both QoS decides if its window counts. [MQTT-4.8.2-3] */
export function takes({ session, receiver }: GroupMember, qos: 0 | 1 | 2): boolean {
  const { connection } = session
  if (connection === undefined || connection.output.congested) return false
  return qos === 0 || receiver.qos === 0 || !session.windowFull
}
