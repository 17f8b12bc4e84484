/**
 * Takes what other processes hand to members of this one: reads it from the log, as far as this process has been
 * handed it, delivers it, and tells what became of it. What a member does not take within a while goes back.
 */
import {
  type Cursor,
  type MessageLog,
  type Partition,
  type PeerId,
  type Position,
  PublishView,
  position as positionOf,
  type RecordBatch,
  recordKind,
  recordKindAt,
} from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'
import type { Counters } from '../../counters.ts'
import { isOvertaken } from '../../delivery/overtaken.ts'
import type { ReadSlots } from '../../delivery/read-slots.ts'
import type { Session } from '../../session/session.ts'
import type { DeliverCommitted } from '../distribution.ts'
import type { Group } from '../group.ts'
import type { Leases } from '../leases.ts'
import { type LocalMember, takes } from '../member.ts'
import type { Place } from '../places.ts'
import type { SharedMessage } from '../strategy.ts'
import { HeldShare } from './held-share.ts'
import { type PlaceKind, placeKind } from './wire.ts'

/** How long a hand-over may wait for its member to take more. */
const patienceMs = milliseconds(1_000)
/** A record further away than this is sought, not read up to. */
const readAheadRecordsMax = 4_096

export interface ReceivingParts {
  readonly log: MessageLog
  readonly clock: Clock
  readonly counters: Counters
  readonly slots: ReadSlots
  readonly leases: Leases
  readonly deliver: DeliverCommitted
  readonly mayReceive: (session: Session, message: SharedMessage) => boolean | undefined
  readonly reached: (ends: Cursor) => Promise<void>
  /** `to`: undefined where this process hands out the partition. */
  readonly answer: (to: PeerId | undefined, kind: PlaceKind, member: number, place: Place) => void
  /** A member is about to have it for ever: its journal says so. */
  readonly assigned: (share: HeldShare, position: Position) => void
  /** A member has it for ever, or has completed it. */
  readonly done: (share: HeldShare, kind: PlaceKind, position: Position) => void
  readonly failed: (error: unknown) => void
}

interface HandedOver {
  /** Who handed it over; undefined: this process. */
  readonly from: PeerId | undefined
  readonly member: Member
  readonly place: Place
  /** Nobody is to be given it here any more. */
  void: boolean
}

class Member {
  readonly group: Group
  local: LocalMember
  readonly shares = new Map<Partition, HeldShare>()
  /** Until it takes more. */
  readonly waiting: HandedOver[] = []
  timer: Disposable | undefined
  /** Others know that it takes nothing. */
  toldFull = false

  constructor(group: Group, local: LocalMember) {
    this.group = group
    this.local = local
  }
}

export class Receiving {
  readonly #parts: ReceivingParts
  readonly #members = new Map<number, Member>()
  readonly #bySession = new WeakMap<Session, Set<Member>>()
  readonly #all = new Set<HandedOver>()
  /** By partition, what is to be read; there is an entry while a reader is at work. */
  readonly #queues = new Map<Partition, HandedOver[]>()
  readonly #view = new PublishView()

  constructor(parts: ReceivingParts) {
    this.#parts = parts
  }

  joined(group: Group, local: LocalMember): void {
    const known = this.#members.get(local.id)
    if (known !== undefined) {
      known.local = local
      return
    }
    const member = new Member(group, local)
    this.#members.set(local.id, member)
    this.#bySession.set(local.session, (this.#bySession.get(local.session) ?? new Set()).add(member))
  }

  /** The member of this process that others call so. */
  member(id: number): LocalMember | undefined {
    return this.#members.get(id)?.local
  }

  /** What it has not been sent goes to others. */
  left(id: number): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    this.#members.delete(id)
    this.#bySession.get(member.local.session)?.delete(member)
    member.timer?.[Symbol.dispose]()
    for (const handed of [...this.#all]) if (handed.member === member) this.#over(handed, placeKind.returned)
  }

  receive(from: PeerId | undefined, id: number, place: Place): void {
    const { leases, answer } = this.#parts
    const member = this.#members.get(id)
    const { partition } = place
    const isLessee = from === undefined ? leases.has(partition) : leases.peerOf(partition) === from
    if (member === undefined || !isLessee) return answer(from, placeKind.returned, id, place)
    const handed: HandedOver = { from, member, place, void: false }
    this.#all.add(handed)
    if (member.waiting.length > 0) this.#wait(handed)
    else this.#enqueue(handed)
  }

  /** A session takes more; answers which of its memberships others are to be told of, who have passed it over. */
  wake(session: Session): number[] {
    const tell: number[] = []
    for (const member of this.#bySession.get(session) ?? []) {
      if (!takes(member.local, 1)) continue
      const room = Math.max(1, (session.connection?.sendWindow ?? 1) - session.inflightCount)
      for (const handed of member.waiting.splice(0, room)) this.#enqueue(handed)
      if (member.waiting.length === 0) this.#stopTimer(member)
      if (member.toldFull) tell.push(member.local.id)
      member.toldFull = false
    }
    return tell
  }

  /** What was handed over by a process that does not hand out the partition any more is void. */
  revoke(from: PeerId | undefined, partition?: Partition): void {
    for (const handed of [...this.#all]) {
      if (handed.from === from && (partition === undefined || handed.place.partition === partition)) this.#void(handed)
    }
  }

  /** Of one partition, what members have unacknowledged at QoS 1. */
  *held(partition: Partition): Iterable<{ readonly id: number; readonly group: Group; readonly place: Place }> {
    for (const [id, { group, local, shares }] of this.#members) {
      const share = shares.get(partition)
      if (share === undefined) continue
      const places: Place[] = []
      local.session.inflight?.collectPlaces(share, places)
      for (const place of places) yield { id, group, place }
    }
  }

  #enqueue(handed: HandedOver): void {
    const { partition } = handed.place
    const queue = this.#queues.get(partition)
    if (queue !== undefined) return void queue.push(handed)
    this.#queues.set(partition, [handed])
    this.#run(partition).catch(this.#parts.failed)
  }

  async #run(partition: Partition): Promise<void> {
    for (let queue = this.#takeQueue(partition); queue.length > 0; queue = this.#takeQueue(partition)) {
      const last = queue.at(-1)
      if (last === undefined) continue
      await this.#parts.reached(new Map([[partition, positionOf(last.place.position + 1)]]))
      using _slot = await this.#parts.slots.take()
      await this.#read(partition, queue).catch((error) => {
        if (!isOvertaken(error)) this.#parts.failed(error)
        for (const handed of queue) this.#over(handed, placeKind.returned)
      })
    }
    this.#queues.delete(partition)
  }

  /** What there is by now, in the order of the log. */
  #takeQueue(partition: Partition): HandedOver[] {
    const queue = this.#queues.get(partition) ?? []
    this.#queues.set(partition, [])
    return queue.filter((handed) => !handed.void).sort((a, b) => a.place.position - b.place.position)
  }

  async #read(partition: Partition, queue: readonly HandedOver[]): Promise<void> {
    const filters = new Set(queue.map(({ member }) => member.group.filter))
    const spans = Array.from(filters, (filter) => ({
      filter,
      since: positionOf(0),
      until: positionOf(Number.POSITIVE_INFINITY),
    }))
    for (let next = 0; next < queue.length; ) {
      const from = queue[next]?.place.position ?? positionOf(0)
      const reached = await this.#readFrom(partition, from, spans, queue, next)
      // The log has not got it, or has it no more.
      if (reached === next) this.#lose(queue[next++])
      else next = reached
    }
  }

  /** Delivers as far as one reading goes; answers the index of what comes next. */
  async #readFrom(
    partition: Partition,
    from: Position,
    spans: Parameters<MessageLog['find']>[2],
    queue: readonly HandedOver[],
    first: number,
  ): Promise<number> {
    let next = first
    for await (const batch of this.#parts.log.find(partition, from, spans)) {
      for (let index = 0; index < batch.count; index++) {
        const position = batch.positions[index] ?? 0
        let handed = queue[next]
        if (handed === undefined || handed.place.position > position + readAheadRecordsMax) return next
        if (handed.place.position < position) return next
        for (; handed?.place.position === position; handed = queue[++next]) this.#deliver(handed, batch, index)
      }
    }
    return next
  }

  #lose(handed: HandedOver | undefined): void {
    if (handed === undefined || handed.void) return
    this.#parts.counters.dropped['behind-log']++
    this.#over(handed, placeKind.completed)
  }

  #deliver(handed: HandedOver, batch: RecordBatch, index: number): void {
    const { member, place } = handed
    const { session } = member.local
    const { connection } = session
    if (handed.void) return
    if (connection === undefined) return this.#over(handed, placeKind.returned)
    const at = batch.offsets[index] ?? 0
    if (recordKindAt(batch.bytes, at) !== recordKind.publish) return this.#lose(handed)
    const view = this.#view.moveTo(batch.bytes, at)
    const allowed = this.#parts.mayReceive(session, { publisher: view.clientId, topic: view.topic })
    if (allowed === false) return this.#over(handed, placeKind.refused)
    if (allowed === undefined || !takes(member.local, view.qos)) return this.#wait(handed)
    const share = this.#shareOf(member, place.partition)
    const { begun } = share
    const receiver = { ...member.local.receiver, shareOf: share }
    const account = this.#parts.counters.accounts.of(place.partition)
    account.attempted++
    if (!this.#parts.deliver(session, receiver, undefined, view, place.partition, place.position)) {
      account.leftInLog++
      connection.waitForLog()
      return this.#wait(handed)
    }
    this.#void(handed)
    const qos = Math.min(view.qos, receiver.qos)
    if (share.begun === begun) share.completed(place.position)
    else if (qos === 2 && !session.durable) share.taken(place.position)
  }

  #shareOf(member: Member, partition: Partition): HeldShare {
    let share = member.shares.get(partition)
    if (share === undefined) {
      share = new HeldShare(member.group, member.local.id, partition, this.#parts.assigned, this.#parts.done)
      member.shares.set(partition, share)
    }
    return share
  }

  #wait(handed: HandedOver): void {
    const { member } = handed
    member.waiting.push(handed)
    member.timer ??= this.#parts.clock.after(patienceMs, () => {
      member.timer = undefined
      member.toldFull = member.waiting.length > 0
      for (const waiting of member.waiting.splice(0)) this.#over(waiting, placeKind.full)
    })
  }

  #stopTimer(member: Member): void {
    member.timer?.[Symbol.dispose]()
    member.timer = undefined
  }

  #over(handed: HandedOver, kind: PlaceKind): void {
    if (handed.void) return
    this.#void(handed)
    this.#parts.answer(handed.from, kind, handed.member.local.id, handed.place)
  }

  #void(handed: HandedOver): void {
    handed.void = true
    this.#all.delete(handed)
    const at = handed.member.waiting.indexOf(handed)
    if (at >= 0) handed.member.waiting.splice(at, 1)
  }
}
