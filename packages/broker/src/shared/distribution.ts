/**
 * Hands a message to one member of each shared subscription that its topic matches: QoS 0 live, QoS 1 and 2 from the
 * log's commits. A member that is full is passed over; where all are, QoS 0 holds its publisher back and the rest
 * stays in the log, where the reader of the group finds it.
 */
import type { Partition, Position, PublishSource, PublishView } from '@hawser/engine'
import type { Random } from '@hawser/std'
import type { Counters } from '../counters.ts'
import type { LivePublisher } from '../delivery/live-publisher.ts'
import { noIdentifiers, type PublishSender } from '../delivery/publish-sender.ts'
import type { Limits } from '../limits/limits.ts'
import type { Receiver, Route } from '../router/route.ts'
import type { Connection } from '../session/connection.ts'
import type { Session } from '../session/session.ts'
import { type Group, type GroupMember, type MayReceiveShare, takes } from './group.ts'
import type { GroupJournal } from './group-journal.ts'
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

export interface DistributionParts {
  readonly limits: Limits
  readonly counters: Counters
  readonly random: Random
  readonly sender: PublishSender
  readonly journal: GroupJournal
  readonly ends: () => ReadonlyMap<Partition, Position>
  readonly deliver: DeliverCommitted
  readonly mayReceive: MayReceiveShare
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
  /** Of the run that is being gathered. */
  readonly packets = new RunPackets()

  constructor(parts: DistributionParts) {
    this.#parts = parts
  }

  /** QoS 0, as it comes. */
  live(
    route: Route,
    groups: readonly Group[],
    source: PublishSource,
    retain: boolean,
    messageExpirySeconds: number,
    publisher: LivePublisher | undefined,
  ): void {
    const { sender, counters } = this.#parts
    for (const group of groups) {
      const member = this.#chooseLive(group, route, publisher)
      const connection = member?.session.connection
      if (member === undefined || connection === undefined) {
        counters.dropped[this.#anyMay(group) ? 'slow-receiver' : 'not-authorized']++
        continue
      }
      const { retainAsPublished, identifiers = noIdentifiers } = member.receiver
      sender.send(
        connection,
        source,
        0,
        retain && retainAsPublished,
        false,
        0,
        messageExpirySeconds,
        identifiers,
        route,
      )
    }
  }

  /** Whole packets of one topic, which all members take as they are: neighbours for the same member are one range. */
  run(route: Route, buffer: Buffer, end: number, publisher: Connection): void {
    const { starts, payloadBytes, count } = this.packets
    for (const group of route.groups) {
      let connection: Connection | undefined
      let from = starts[0] ?? end
      for (let index = 0; index < count; index++) {
        const next = this.#chooseLive(group, route, publisher)?.session.connection
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
    if (connection === undefined) {
      counters.dropped['slow-receiver']++
      return
    }
    counters.publishesSent[0]++
    counters.publishBytesSent += payloadBytes
    connection.publishesSent++
  }

  /** QoS 1 and 2, from the commit. */
  committed(route: Route, view: PublishView, partition: Partition, position: Position): void {
    for (const group of route.groups) {
      if (!group.live || this.handOut(group, route, view, partition, position) === 'done') continue
      group.fallBehind(this.#parts.ends())
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
    if (!this.hasRoom(group)) return 'full'
    const message = this.#message
    message.route = route
    message.view = view
    const { random, mayReceive } = this.#parts
    const member = group.choose(view.qos, message, random, route?.sharesOpen === true ? everyoneMay : mayReceive)
    if (member === undefined) return this.#nobodyTakes(group, view.qos)
    const taken = this.#parts.deliver(member.session, member.receiver, route, view, partition, position)
    if (!taken) {
      member.session.connection?.waitForLog()
      return 'later'
    }
    this.#parts.journal.touch(group)
    return 'done'
  }

  #nobodyTakes(group: Group, qos: 0 | 1 | 2): HandedOut {
    const { mayReceive, counters } = this.#parts
    let outcome: HandedOut | undefined
    for (const member of group.members) {
      const allowed = mayReceive(member.session, this.#message)
      if (allowed === true) return 'full'
      if (allowed === undefined && takes(member, qos)) outcome = 'later'
      else if (allowed === undefined) outcome ??= 'full'
    }
    if (outcome === undefined) counters.dropped['not-authorized']++
    return outcome ?? 'done'
  }

  #anyMay(group: Group): boolean {
    return group.members.some(({ session }) => this.#parts.mayReceive(session, this.#message) === true)
  }

  /** What is unacknowledged is journaled once a second: past the bound the group waits. */
  hasRoom(group: Group): boolean {
    return group.inflight < this.#parts.limits.sharedInflightMax
  }

  /** Where all are full, the one that is likely to drain first holds the publisher back; slow ones lose QoS 0. */
  #chooseLive(group: Group, route: Route, publisher: LivePublisher | undefined): GroupMember | undefined {
    const message = this.#message
    message.route = route
    message.view = undefined
    message.livePublisher = publisher
    const { random, limits } = this.#parts
    const mayReceive = route.sharesOpen ? everyoneMay : this.#parts.mayReceive
    const member = group.choose(0, message, random, mayReceive)
    if (member !== undefined) return member
    let emptiest: GroupMember | undefined
    let pendingBytes = limits.outputBytesMax
    for (const candidate of group.members) {
      const { connection } = candidate.session
      if (connection === undefined || connection.reading.slow || connection.output.pendingBytes > pendingBytes) continue
      if (mayReceive(candidate.session, message) !== true) continue
      emptiest = candidate
      pendingBytes = connection.output.pendingBytes
    }
    const connection = emptiest?.session.connection
    if (connection !== undefined) publisher?.reading.holdFor(connection.reading)
    return emptiest
  }
}

const everyoneMay: MayReceiveShare = () => true

function copyTo({ output }: Connection, buffer: Buffer, start: number, end: number): void {
  const at = output.reserve(end - start)
  buffer.copy(output.target, at, start, end)
}
