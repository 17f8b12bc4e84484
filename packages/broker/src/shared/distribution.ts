/**
 * Hands a message to one member of each shared subscription that its topic matches: QoS 0 live, QoS 1 and 2 from the
 * log's commits. A member that is full is passed over; where all are, QoS 0 holds its publisher back and the rest
 * stays in the log, where the reader of the group finds it.
 */
import type { Partition, PeerId, Position, PublishSource, PublishView } from '@hawser/engine'
import type { Random } from '@hawser/std'
import type { Counters } from '../counters.ts'
import type { LivePublisher } from '../delivery/live-publisher.ts'
import { noIdentifiers, type PublishSender } from '../delivery/publish-sender.ts'
import { placeKey } from '../journal/session-state.ts'
import type { Limits } from '../limits/limits.ts'
import type { Receiver, Route } from '../router/route.ts'
import type { Connection } from '../session/connection.ts'
import type { Session } from '../session/session.ts'
import type { Group, MayReceiveShare } from './group.ts'
import type { GroupJournal } from './group-journal.ts'
import type { Holder } from './holder.ts'
import type { Leases } from './leases.ts'
import { type GroupMember, type LocalMember, takes } from './member.ts'
import { RunPackets } from './run-packets.ts'
import type { SharedMessage } from './strategy.ts'

/** Delivers one committed record; answers false where the log did not take what must precede it. */
export type DeliverCommitted = (
  session: Session,
  receiver: Receiver,
  route: Route | undefined,
  view: PublishView,
  partition: Partition,
  position: Position,
) => boolean

/** Ways to members of other processes, and of this one to what others have handed out before. */
export interface OtherProcesses {
  /** QoS 0, to a member with that peer. */
  forward(
    route: Route,
    key: string,
    peer: PeerId,
    source: PublishSource,
    retain: boolean,
    messageExpirySeconds: number,
    publisher: Connection | undefined,
  ): void
  /** False where the way is full. */
  handOver(group: Group, member: GroupMember, qos: 1 | 2, partition: Partition, position: Position): boolean
}

export interface DistributionParts {
  readonly limits: Limits
  readonly counters: Counters
  readonly random: Random
  readonly sender: PublishSender
  readonly journal: GroupJournal
  readonly leases: Leases
  /** Of what a group has unacknowledged: this process's part of the bound in all. */
  readonly inflightMax: () => number
  readonly deliver: DeliverCommitted
  readonly mayReceive: (session: Session, message: SharedMessage) => boolean | undefined
  readonly others: OtherProcesses | undefined
}

/**
 * `done`: a member has it, or none may have it. `full`: no member takes one now. `later`: the log takes nothing now, or
 * rights are being asked for; who has the answer wakes the group.
 */
export type HandedOut = 'done' | 'full' | 'later'

/** The message at hand, as strategies see it; looked at only by those that need it. */
class MessageAtHand implements SharedMessage {
  route: Route | undefined
  view: PublishView | undefined
  livePublisher: LivePublisher | undefined

  get publisher(): string {
    return this.view?.clientId ?? this.livePublisher?.session?.clientId ?? ''
  }

  get topic(): string {
    return this.route?.topic ?? this.view?.topic ?? ''
  }
}

export class Distribution {
  readonly #parts: DistributionParts
  readonly #message = new MessageAtHand()
  /** Those in other processes that may not read the message at hand. */
  #refusedBy: ReadonlySet<Holder> | undefined
  readonly #mayReceive: MayReceiveShare = (member, message) =>
    member.kind === 'local'
      ? this.#parts.mayReceive(member.session, message)
      : this.#refusedBy?.has(member.holder) !== true
  readonly #mayReceiveHere: MayReceiveShare = (member, message) =>
    member.kind === 'local' && this.#parts.mayReceive(member.session, message)
  /** Of the run that is being gathered. */
  readonly packets = new RunPackets()

  constructor(parts: DistributionParts) {
    this.#parts = parts
  }

  /** QoS 0, as it comes: to a member of this process, or to the process of another one. */
  live(
    route: Route,
    source: PublishSource,
    retain: boolean,
    messageExpirySeconds: number,
    publisher: Connection | undefined,
  ): void {
    const account = this.#parts.counters.accounts.live
    account.attempted += route.groups.length
    for (const group of route.groups) {
      const member = this.#chooseLive(group, route, publisher, false)
      if (member?.kind === 'remote') {
        account.handedOver++
        this.#parts.others?.forward(route, group.key, member.peer, source, retain, messageExpirySeconds, publisher)
      } else {
        this.#send(group, member, route, source, retain, messageExpirySeconds)
      }
    }
  }

  /** QoS 0 that another process forwards to these groups: to a member of this one. */
  liveHere(
    route: Route,
    groups: readonly Group[],
    source: PublishSource,
    retain: boolean,
    messageExpirySeconds: number,
    publisher: LivePublisher | undefined,
  ): void {
    const account = this.#parts.counters.accounts.live
    account.attempted += groups.length
    for (const group of groups) {
      const member = this.#chooseLive(group, route, publisher, true)
      if (member?.kind === 'remote') account.handedOver++
      else this.#send(group, member, route, source, retain, messageExpirySeconds)
    }
  }

  #send(
    group: Group,
    member: LocalMember | undefined,
    route: Route,
    source: PublishSource,
    retain: boolean,
    messageExpirySeconds: number,
  ): void {
    const { sender, counters } = this.#parts
    const connection = member?.session.connection
    if (member === undefined || connection === undefined) {
      const reason = this.#anyMay(group) ? 'slow-receiver' : 'not-authorized'
      counters.dropped[reason]++
      counters.accounts.live.dropped[reason]++
      return
    }
    const { retainAsPublished, identifiers = noIdentifiers } = member.receiver
    const asPublished = retain && retainAsPublished
    counters.accounts.live.outcome(
      sender.send(connection, source, 0, asPublished, false, 0, messageExpirySeconds, identifiers, route),
    )
  }

  /** Whole packets of one topic, which all members take as they are: neighbours for the same member are one range. */
  run(route: Route, buffer: Buffer, end: number, publisher: Connection): void {
    const { starts, payloadBytes, count } = this.packets
    this.#parts.counters.accounts.live.attempted += route.groups.length * count
    for (const group of route.groups) {
      let connection: Connection | undefined
      let from = starts[0] ?? end
      for (let index = 0; index < count; index++) {
        const next = localConnection(this.#chooseLive(group, route, publisher, false))
        const start = starts[index] ?? end
        if (next !== connection) {
          if (connection !== undefined && start > from) copyTo(connection, buffer, from, start)
          connection = next
          from = start
        }
        this.#count(next, payloadBytes[index] ?? 0)
      }
      if (connection !== undefined) copyTo(connection, buffer, from, end)
    }
  }

  #count(connection: Connection | undefined, payloadBytes: number): void {
    const { counters } = this.#parts
    const account = counters.accounts.live
    if (connection === undefined) {
      counters.dropped['slow-receiver']++
      account.dropped['slow-receiver']++
      return
    }
    account.sent++
    counters.publishesSent[0]++
    counters.publishBytesSent += payloadBytes
    connection.publishesSent++
  }

  /** QoS 1 and 2, from the commit. */
  committed(route: Route, view: PublishView, partition: Partition, position: Position): void {
    const { leases, counters } = this.#parts
    if (!leases.has(partition)) return
    for (const group of route.groups) {
      if (!group.live) {
        const account = counters.accounts.of(partition)
        account.attempted++
        account.leftInLog++
        continue
      }
      if (this.handOut(group, route, view, partition, position) === 'done') continue
      group.fallBehind(leases.ends())
      group.cursor.set(partition, position)
      this.#parts.journal.touch(group)
    }
  }

  /** One committed record to one member. [MQTT-4.8.2-3] */
  handOut(
    group: Group,
    route: Route | undefined,
    view: PublishView,
    partition: Partition,
    position: Position,
  ): HandedOut {
    const account = this.#parts.counters.accounts.of(partition)
    account.attempted++
    const outcome = this.#handOut(group, route, view, partition, position)
    if (outcome !== 'done') account.leftInLog++
    return outcome
  }

  #handOut(
    group: Group,
    route: Route | undefined,
    view: PublishView,
    partition: Partition,
    position: Position,
  ): HandedOut {
    if (!this.hasRoom(group)) return 'full'
    const message = this.#message
    message.route = route
    message.view = view
    this.#refusedBy = group.refusals.size > 0 ? group.refusals.get(placeKey(partition, position)) : undefined
    const mayReceive = route?.sharesOpen === true ? everyoneMay : this.#mayReceive
    const member = group.choose(view.qos, message, this.#parts.random, mayReceive)
    const outcome =
      member === undefined
        ? this.#nobodyTakes(group, view.qos, partition)
        : this.#give(group, member, route, view, partition, position)
    if (outcome !== 'done') return outcome
    if (this.#refusedBy !== undefined) group.refusals.delete(placeKey(partition, position))
    this.#parts.journal.touch(group)
    return 'done'
  }

  #give(
    group: Group,
    member: GroupMember,
    route: Route | undefined,
    view: PublishView,
    partition: Partition,
    position: Position,
  ): HandedOut {
    const { leases, others, deliver } = this.#parts
    if (member.kind === 'remote' || !leases.isOwn(partition)) {
      const qos = view.qos === 2 ? 2 : 1
      if (others?.handOver(group, member, qos, partition, position) !== true) return 'full'
      this.#parts.counters.accounts.of(partition).handedOver++
      return 'done'
    }
    if (deliver(member.session, member.receiver, route, view, partition, position)) return 'done'
    member.session.connection?.waitForLog()
    return 'later'
  }

  #nobodyTakes(group: Group, qos: 0 | 1 | 2, partition: Partition): HandedOut {
    // The last member may have left while the log was being read.
    if (group.members.length === 0) return 'full'
    let outcome: HandedOut | undefined
    for (const member of group.members) {
      const allowed = this.#mayReceive(member, this.#message)
      if (allowed === true) return 'full'
      if (allowed === undefined && takes(member, qos)) outcome = 'later'
      else if (allowed === undefined) outcome ??= 'full'
    }
    if (outcome !== undefined) return outcome
    const { counters } = this.#parts
    counters.dropped['not-authorized']++
    counters.accounts.of(partition).dropped['not-authorized']++
    return 'done'
  }

  #anyMay(group: Group): boolean {
    return group.members.some((member) => this.#mayReceive(member, this.#message) === true)
  }

  /** What is unacknowledged is journaled once a second: past the bound the group waits. */
  hasRoom(group: Group): boolean {
    return group.inflight < this.#parts.inflightMax()
  }

  /** Where all are full, the one that is likely to drain first holds the publisher back; slow ones lose QoS 0. */
  #chooseLive(
    group: Group,
    route: Route,
    publisher: LivePublisher | undefined,
    onlyHere: boolean,
  ): GroupMember | undefined {
    const message = this.#message
    message.route = route
    message.view = undefined
    message.livePublisher = publisher
    this.#refusedBy = undefined
    const { random, limits } = this.#parts
    const mayReceive = route.sharesOpen ? everyoneMay : onlyHere ? this.#mayReceiveHere : this.#mayReceive
    const member = group.choose(0, message, random, mayReceive)
    if (member !== undefined) return member
    let emptiest: GroupMember | undefined
    let pendingBytes = limits.outputBytesMax
    for (const candidate of group.members) {
      const connection = localConnection(candidate)
      if (connection === undefined || connection.reading.slow || connection.output.pendingBytes > pendingBytes) continue
      if (mayReceive(candidate, message) !== true) continue
      emptiest = candidate
      pendingBytes = connection.output.pendingBytes
    }
    const connection = localConnection(emptiest)
    if (connection !== undefined) publisher?.reading.holdFor(connection.reading)
    return emptiest
  }
}

const everyoneMay: MayReceiveShare = () => true

const localConnection = (member: GroupMember | undefined): Connection | undefined =>
  member?.kind === 'local' ? member.session.connection : undefined

function copyTo({ output }: Connection, buffer: Buffer, start: number, end: number): void {
  const at = output.reserve(end - start)
  buffer.copy(output.target, at, start, end)
}
