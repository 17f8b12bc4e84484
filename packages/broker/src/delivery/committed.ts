/**
 * QoS 1 and 2, and everything retained, from the log's commits: what is delivered here is durable. Live and catch-up
 * differ only in where the batch comes from.
 *
 * Levers: the route found at append waits in a ring and is not looked up again; acknowledgements are released by
 * batch. Measure with `bench/` rows "QoS 1 pairs".
 */
import {
  type Appender,
  type CommittedBatch,
  type Cursor,
  type MessageLog,
  neverExpires,
  type Partition,
  type Position,
  PublishView,
  recordKind,
  recordKindAt,
  volatilePartition,
} from '@hawser/engine'
import type { Counters } from '../counters.ts'
import type { Journal } from '../journal/journal.ts'
import type { SteadyTime } from '../journal/steady-time.ts'
import type { ClassAccount } from '../measure/accounts.ts'
import type { Latencies } from '../measure/latencies.ts'
import type { RetainedMessages } from '../router/retained.ts'
import type { Receiver, Route, TapMessage } from '../router/route.ts'
import type { Router } from '../router/router.ts'
import { inflightState } from '../session/inflight.ts'
import type { Session } from '../session/session.ts'
import type { Distribution } from '../shared/distribution.ts'
import type { GroupFollower } from '../shared/group-follower.ts'
import type { CommitQueue } from './commit-queue.ts'
import { withoutOwn } from './live.ts'
import { noIdentifiers, type PublishSender } from './publish-sender.ts'
import { Reached } from './reached.ts'
import { retainedOf } from './retained-view.ts'
import { RouteRing } from './route-ring.ts'

/** What stands in a record that no session published: this process did. */
const noSession = 0

export interface CommittedParts {
  readonly log: MessageLog
  readonly steady: SteadyTime
  readonly counters: Counters
  readonly latencies: Latencies
  readonly router: Router
  readonly retained: RetainedMessages
  readonly commits: CommitQueue
  readonly volatileCommits: CommitQueue
  readonly journal: Journal
  readonly sender: PublishSender
  readonly distribution: Distribution
  /** Of shared subscriptions; a process that is alone does not need to follow itself. */
  readonly follower: GroupFollower | undefined
}

export class CommittedDelivery {
  readonly #parts: CommittedParts
  readonly #view = new PublishView()
  readonly #routes = new RouteRing()
  readonly #volatileRoutes = new RouteRing()
  #batch: CommittedBatch | undefined
  /** One past the newest position handed over, by partition: the head that live sessions have reached. */
  readonly ends = new Map<Partition, Position>()
  readonly #reached = new Reached(this.ends)
  readonly #own = new Set<Partition>()
  /** Lanes of others that a start is reading: what they say of groups it finds there, in order. */
  readonly #beingRead = new Set<Partition>()
  /** What an earlier broker on this log has appended is not this one's to count. */
  readonly #ticketAtStart: number
  readonly #volatileAtStart: number

  constructor(parts: CommittedParts) {
    this.#parts = parts
    this.#own.add(parts.log.own)
    this.#ticketAtStart = parts.log.lastTicket
    this.#volatileAtStart = parts.log.volatile?.lastTicket ?? -1
    for (const { partition, end } of parts.log.partitions()) {
      this.ends.set(partition, end)
      if (partition !== parts.log.own) this.#beingRead.add(partition)
    }
  }

  /** Up to where a start that has come to `next` has still to read a lane of another; undefined: commits tell the rest. */
  unread(lane: Partition, next: Position): Position | undefined {
    const end = this.ends.get(lane) ?? next
    if (this.#beingRead.has(lane) && next < end) return end
    this.#beingRead.delete(lane)
    return undefined
  }

  /** The place of a record of this process that is in the batch being handed over now. */
  positionOf(ticket: number): Position {
    const { firstTicket, positions } = this.#batch ?? { firstTicket: 0, positions: [] }
    return (positions[ticket - firstTicket] ?? 0) as Position
  }

  /** The end of each partition that this process appends to. */
  ownEnds(): Cursor {
    return new Map([...this.ends].filter(([partition]) => this.#own.has(partition)))
  }

  /** Resolves when this process has been handed all below `ends`. */
  reached(ends: Cursor, signal?: AbortSignal): Promise<void> {
    this.lookAtEnds()
    return this.#reached.wait(ends, signal)
  }

  /** Numbers that a lane's recovery has passed over are behind us when the log says so: no record tells of them. */
  lookAtEnds(): void {
    const { log } = this.#parts
    for (const { partition, end } of log.partitions()) {
      if (partition !== log.own && end > (this.ends.get(partition) ?? 0)) this.ends.set(partition, end)
    }
    this.#reached.look()
  }

  /** Records that this broker has appended, by the log's own count. */
  get ticketsGiven(): number {
    const { log } = this.#parts
    return log.lastTicket - this.#ticketAtStart + (log.volatile?.lastTicket ?? -1) - this.#volatileAtStart
  }

  /** Publishes appended and not handed over yet. */
  get underway(): number {
    return this.#routes.count + this.#volatileRoutes.count
  }

  /** Where publishes on a topic go, by its durability class. */
  appenderOf(route: Route): Appender {
    const { log } = this.#parts
    return route.volatile && log.volatile !== undefined ? log.volatile : log
  }

  /** Remembers the route of the record just appended. */
  appended(to: Appender, route: Route, qos: 0 | 1 | 2): void {
    const { counters, log, latencies } = this.#parts
    const ticket = to.lastTicket
    this.#accountOf(qos, counters.accounts.of(to.own)).appended++
    if (to !== log) return this.#volatileRoutes.set(ticket, route)
    this.#routes.set(ticket, route)
    latencies.appended(ticket)
  }

  /** In the order of arrival. [MQTT-4.6.0-5] [MQTT-4.6.0-6] v3.1.1 [MQTT-4.6.0-5] [MQTT-4.6.0-6] */
  onCommit(batch: CommittedBatch): void {
    const { counters, commits, latencies, follower } = this.#parts
    const account = counters.accounts.of(batch.partition)
    let firstPublishedAt = 0
    const own = batch.firstTicket >= 0
    const volatile = batch.partition === volatilePartition
    const routes = volatile ? this.#volatileRoutes : this.#routes
    const ticketAtStart = volatile ? this.#volatileAtStart : this.#ticketAtStart
    for (let index = 0; index < batch.count; index++) {
      const at = batch.offsets[index] ?? 0
      const position = (batch.positions[index] ?? 0) as Position
      const route = own ? routes.take(batch.firstTicket + index) : undefined
      if (recordKindAt(batch.bytes, at) !== recordKind.publish) {
        if (!this.#beingRead.has(batch.partition)) follower?.record(batch.bytes, at, batch.partition)
        continue
      }
      this.#publish(this.#view.moveTo(batch.bytes, at), route, batch.partition, position)
      if (own && batch.firstTicket + index > ticketAtStart) this.#accountOf(this.#view.qos, account).committed++
      if (firstPublishedAt === 0 && this.#view.qos > 0) firstPublishedAt = this.#view.publishedAt
    }
    if (firstPublishedAt > 0) latencies.delivered(firstPublishedAt)
    if (batch.count > 0) {
      this.ends.set(batch.partition, ((batch.positions[batch.count - 1] ?? 0) + 1) as Position)
    }
    this.#reached.look()
    counters.recordsCommitted += batch.count
    if (!own) return
    this.#own.add(batch.partition)
    if (volatile) return this.#parts.volatileCommits.release(batch.firstTicket + batch.count - 1)
    latencies.committed(batch.firstTicket + batch.count - 1)
    this.#batch = batch
    commits.release(batch.firstTicket + batch.count - 1)
    this.#batch = undefined
  }

  #publish(view: PublishView, known: Route | undefined, partition: Partition, position: Position): void {
    const { router, retained } = this.#parts
    const route = router.resolve(known ?? router.routeOf(view.topic))
    // [MQTT-3.3.1-5] [MQTT-3.3.1-8]; v3.1.1 [MQTT-3.3.1-5] [MQTT-3.3.1-7] [MQTT-3.3.1-12]
    if (view.retain) retained.apply(retainedOf(view, route.topic, partition, position))
    // QoS 0 went live when it came.
    if (view.qos === 0) return
    if (view.session !== noSession && !view.will) this.#parts.counters.publishesCommitted++
    // [MQTT-4.5.0-1] v3.1.1 [MQTT-4.5.0-1]
    const account = this.#parts.counters.accounts.of(partition)
    account.attempted += route.receivers.length + route.pending.length
    account.leftInLog += route.pending.length
    for (const receiver of route.receivers) {
      if (!this.#toReceiver(receiver, route, view, partition, position, account)) account.leftInLog++
    }
    for (const session of route.pending) this.#leaveInLog(session, partition, position)
    if (route.groups.length > 0) this.#parts.distribution.committed(route, view, partition, position)
    if (route.taps.length > 0) this.#toTaps(route, view)
  }

  /** Nothing is lost while somebody is asked whether the session may have it. */
  #leaveInLog(session: Session, partition: Partition, position: Position): void {
    if (session.connection === undefined || !session.live) return
    session.fallBehind(this.ends, partition, position)
    this.#parts.journal.touch(session)
  }

  /** Answers false where the session is to find it in the log. */
  #toReceiver(
    resolved: Receiver,
    route: Route,
    view: PublishView,
    partition: Partition,
    position: Position,
    account: ClassAccount,
  ): boolean {
    const { session } = resolved
    const own = resolved.noLocal && view.session === session.number
    const receiver = own ? withoutOwn(resolved, route.topic, session) : resolved
    if (session.connection === undefined || receiver === undefined) {
      account.passedOver++
      return true
    }
    const qos = Math.min(view.qos, receiver.qos)
    if (qos > 0 && !session.live) return false
    if (qos > 0 && (session.windowFull || session.connection.output.congested)) {
      this.#leaveInLog(session, partition, position)
      return false
    }
    if (this.deliver(session, receiver, route, view, partition, position, false)) return true
    // The log has the message and takes no packet id for it now.
    this.#leaveInLog(session, partition, position)
    session.connection.waitForLog()
    return false
  }

  /**
   * Sends one committed record to a connected session. Answers false where the log did not take what must precede it.
   */
  deliver(
    session: Session,
    receiver: Receiver,
    route: Route | undefined,
    view: PublishView,
    partition: Partition,
    position: Position,
    duplicate: boolean,
  ): boolean {
    const { connection } = session
    const account = this.#parts.counters.accounts.of(partition)
    if (connection === undefined) {
      account.passedOver++
      return true
    }
    const expiry = this.expiryLeft(view)
    if (expiry === 0) {
      this.#parts.counters.dropped.expired++
      account.dropped.expired++
      return true
    }
    // [MQTT-3.3.1-12] [MQTT-3.3.1-13]; v3.1.1 [MQTT-3.3.1-9]
    const retain = view.retain && receiver.retainAsPublished
    const identifiers = receiver.identifiers ?? noIdentifiers
    // [MQTT-3.8.4-8] v3.1.1 [MQTT-3.8.4-6]
    const qos = Math.min(view.qos, receiver.qos)
    const { sender, journal } = this.#parts
    if (qos === 0) {
      account.outcome(sender.send(connection, view, 0, retain, false, 0, expiry, identifiers, route))
      return true
    }
    if (session.durable) journal.touch(session)
    const state = qos === 1 ? inflightState.published : inflightState.assigned
    const { shareOf } = receiver
    const packetId = session.outgoing.add(state, partition, position, false, receiver.identifiers, shareOf)
    if (qos === 2 && session.durable) {
      return this.#assignFirst(
        session,
        receiver,
        view,
        packetId,
        retain,
        expiry,
        identifiers,
        duplicate,
        partition,
        position,
      )
    }
    const to = qos === 1 ? 1 : 2
    const refused = sender.send(connection, view, to, retain, duplicate, packetId, expiry, identifiers, route)
    if (refused === undefined) {
      account.begun++
      session.outgoing.sent(packetId)
      return true
    }
    account.dropped[refused]++
    session.outgoing.remove(packetId)
    return true
  }

  /** A durable session's QoS 2 message leaves only once its packet id is in the log. */
  #assignFirst(
    session: Session,
    receiver: Receiver,
    view: PublishView,
    packetId: number,
    retain: boolean,
    expiry: number,
    identifiers: readonly number[],
    duplicate: boolean,
    partition: Partition,
    position: Position,
  ): boolean {
    const { journal, sender, commits, counters } = this.#parts
    const { connection } = session
    const { shareOf } = receiver
    const { accounts } = counters
    const account = accounts.of(partition)
    if (connection === undefined) return true
    const told = sender.told(connection, view)
    if (told === undefined) {
      account.dropped['outside-mount-point']++
      session.outgoing.remove(packetId)
      return true
    }
    const packet = sender.encode(connection.version, told, 2, retain, duplicate, packetId, expiry, identifiers)
    if (packet.length > connection.maximumPacketBytes) {
      counters.dropped['packet-too-large']++
      account.dropped['packet-too-large']++
      session.outgoing.remove(packetId)
      return true
    }
    const payloadBytes = view.payloadEnd - view.payloadStart
    const message = {
      packetId,
      retained: false,
      partition,
      position,
      ...(identifiers.length > 0 && { identifiers }),
      ...(shareOf !== undefined && { shared: shareOf.key }),
    }
    const ticket = journal.append(session, { kind: 'assigned', message })
    if (ticket === undefined) {
      session.outgoing.withdraw(packetId)
      return false
    }
    shareOf?.assigned(position)
    account.begun++
    accounts.unsent++
    commits.run(ticket, () => {
      shareOf?.taken(position)
      accounts.unsent--
      if (session.connection !== connection) {
        accounts.neverSent++
        return
      }
      session.outgoing.sent(packetId)
      connection.output.write(packet)
      counters.publishesSent[2]++
      counters.publishBytesSent += payloadBytes
      connection.publishesSent++
    })
    return true
  }

  /** Seconds until the message expires: -1 where it never does, 0 where it has. [MQTT-3.3.2-5] [MQTT-3.3.2-6] */
  expiryLeft(message: { readonly messageExpirySeconds: number; readonly steadyAt: number }): number {
    const seconds = message.messageExpirySeconds
    if (seconds === neverExpires) return -1
    const agedSeconds = Math.floor((this.#parts.steady.now() - message.steadyAt) / 1e6)
    return agedSeconds >= seconds ? 0 : Math.min(seconds, seconds - agedSeconds)
  }

  #accountOf(qos: 0 | 1 | 2, ofLog: ClassAccount): ClassAccount {
    return qos === 0 ? this.#parts.counters.accounts.live : ofLog
  }

  #toTaps(route: Route, view: PublishView): void {
    const message: TapMessage = {
      buffer: view.buffer,
      payloadStart: view.payloadStart,
      payloadEnd: view.payloadEnd,
      qos: view.qos,
      retain: view.retain,
      record: view,
    }
    for (const tap of route.taps) tap.message(route.topic, message)
  }
}
