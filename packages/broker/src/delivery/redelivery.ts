/** What a connection gets before the log goes on: messages in flight since an earlier one, and retained messages. */
import {
  type MessageLog,
  type Partition,
  type PublishSource,
  PublishView,
  recordKind,
  recordKindAt,
} from '@hawser/engine'
import type { Counters } from '../counters.ts'
import type { Journal } from '../journal/journal.ts'
import type { DropReason } from '../measure/drop-reasons.ts'
import type { RetainedMessages } from '../router/retained.ts'
import type { RetainedMessage } from '../router/retained-message.ts'
import type { RetainedWalk } from '../router/retained-walk.ts'
import { receiverOf } from '../router/router.ts'
import type { Connection } from '../session/connection.ts'
import { type InflightMessage, inflightState } from '../session/inflight.ts'
import type { Session } from '../session/session.ts'
import type { SessionSubscription } from '../session/subscription.ts'
import { afterCommit, type CommitQueue } from './commit-queue.ts'
import { Pace } from './pace.ts'
import { noIdentifiers, type PublishSender } from './publish-sender.ts'

export interface RedeliveryParts {
  readonly log: MessageLog
  readonly counters: Counters
  readonly commits: CommitQueue
  readonly journal: Journal
  readonly retained: RetainedMessages
  readonly sender: PublishSender
  readonly expiryLeft: (message: { readonly messageExpirySeconds: number; readonly steadyAt: number }) => number
}

/** A record further away than this is sought, not read up to. */
const readAheadRecordsMax = 4_096

export class Redelivery {
  readonly #parts: RedeliveryParts
  readonly #view = new PublishView()

  constructor(parts: RedeliveryParts) {
    this.#parts = parts
  }

  /**
   * Sends again what the client has not acknowledged, with its packet ids and in its order. [MQTT-4.4.0-1]
   * v3.1.1 [MQTT-4.4.0-1]
   */
  async inflight(session: Session, connection: Connection, stopped: () => boolean): Promise<void> {
    const pace = new Pace()
    while (session.redelivery.length > 0 && !stopped()) {
      const [message] = session.redelivery
      if (message === undefined) return
      if (pace.spend()) {
        await pace.nextTurn()
        continue
      }
      if (session.outgoing.stateOf(message.packetId) !== message.state) {
        session.redelivery.shift()
      } else if (message.state === inflightState.received) {
        session.redelivery.shift()
        // [MQTT-4.3.3-6] v3.1.1 [MQTT-4.3.3-1]
        connection.acknowledge(afterCommit.pubrel, message.packetId)
      } else if (message.retained) {
        session.redelivery.shift()
        await this.#retainedAgain(session, connection, message)
      } else {
        await this.#fromLog(session, connection, message, pace, stopped)
      }
    }
  }

  /** What was retained before new subscriptions, as far as the client takes it, a little at a time. */
  async retained(session: Session, connection: Connection, stopped: () => boolean): Promise<void> {
    const { retainedBacklog } = session
    const pace = new Pace()
    // A SUBSCRIBE may add to it meanwhile, an UNSUBSCRIBE take from it.
    for (const [filter, walk] of retainedBacklog) {
      const left = (): boolean => stopped() || session.retainedBacklog.get(filter) !== walk
      while (!walk.over && !left()) {
        const allowed = this.#retainedTurn(session, connection, walk, pace, left)
        if (allowed !== undefined) {
          const mayReceive = await allowed
          const { found } = walk
          if (left()) break
          walk.take()
          if (mayReceive && found !== undefined) this.#retainedNew(session, connection, found, walk.subscription)
        }
        if (pace.isUsedUp) await pace.nextTurn()
      }
      if (stopped()) return
      if (!left()) session.settle(filter)
    }
  }

  /**
   * The lever of many retained messages: a loop that waits for nothing. Ends with the turn or the walk, or answers what
   * has to be waited for before the message that is found may go.
   */
  #retainedTurn(
    session: Session,
    connection: Connection,
    walk: RetainedWalk,
    pace: Pace,
    left: () => boolean,
  ): Promise<boolean> | undefined {
    while (!pace.isUsedUp && !walk.over && !left()) {
      pace.spend(walk.advance(pace.left))
      const { found } = walk
      if (found === undefined) continue
      const allowed = connection.mayReceive(found.topic)
      if (typeof allowed !== 'boolean') return allowed
      walk.take()
      if (allowed) this.#retainedNew(session, connection, found, walk.subscription)
    }
    return undefined
  }

  #retainedNew(
    session: Session,
    connection: Connection,
    message: RetainedMessage,
    subscription: SessionSubscription,
  ): void {
    const { sender, counters } = this.#parts
    const account = counters.accounts.of(message.partition)
    account.attempted++
    const expiry = this.#parts.expiryLeft(message)
    if (expiry === 0) {
      counters.dropped.expired++
      account.dropped.expired++
      return
    }
    const qos = Math.min(message.qos, subscription.qos) as 0 | 1 | 2
    const identifiers = subscription.identifier === undefined ? noIdentifiers : [subscription.identifier]
    if (qos === 0) {
      account.outcome(sender.send(connection, message, 0, true, false, 0, expiry, identifiers, undefined))
      return
    }
    account.begun++
    this.#retainedInFlight(session, connection, message, qos, expiry, identifiers)
  }

  #retainedInFlight(
    session: Session,
    connection: Connection,
    message: RetainedMessage,
    qos: 1 | 2,
    expiry: number,
    identifiers: readonly number[],
  ): void {
    const { sender, counters, journal, commits } = this.#parts
    const { accounts } = counters
    const { partition, position } = message
    const state = qos === 1 ? inflightState.published : inflightState.assigned
    const packetId = session.outgoing.add(state, partition, position, true, identifiers)
    accounts.unsent++
    const send = (): void => {
      accounts.unsent--
      if (session.connection !== connection) {
        accounts.neverSent++
        return
      }
      session.outgoing.sent(packetId)
      const refused = sender.send(connection, message, qos, true, false, packetId, expiry, identifiers, undefined)
      if (refused !== undefined) this.#abandon(session, packetId, partition, refused, true)
    }
    if (session.durable) journal.touch(session)
    if (qos === 1 || !session.durable) return send()
    const ticket = journal.append(session, {
      kind: 'assigned',
      message: { packetId, retained: true, partition, position, ...(identifiers.length > 0 && { identifiers }) },
    })
    if (ticket !== undefined) return commits.run(ticket, send)
    counters.dropped['log-refused']++
    accounts.unsent--
    this.#abandon(session, packetId, partition, 'log-refused', true)
  }

  async #retainedAgain(session: Session, connection: Connection, message: InflightMessage): Promise<void> {
    const { retained, counters } = this.#parts
    const stored = retained.at(message.partition, message.position)
    if (stored === undefined) {
      counters.dropped['retained-replaced']++
      return this.#giveUp(session, connection, message, 'retained-replaced')
    }
    const allowed = await connection.mayReceive(stored.topic)
    if (session.connection !== connection) return
    if (!allowed) this.#withdraw(session, connection, message)
    else this.#again(session, connection, message, stored, stored, true)
  }

  async #fromLog(
    session: Session,
    connection: Connection,
    { partition, position: from }: InflightMessage,
    pace: Pace,
    stopped: () => boolean,
  ): Promise<void> {
    const { log } = this.#parts
    const range = log.partitions().find((candidate) => candidate.partition === partition)
    if (range === undefined || from < range.start) {
      return this.#forget(session, connection)
    }
    let reached: number = from
    for await (const batch of log.read(partition, from)) {
      for (let index = 0; index < batch.count; index++) {
        if (pace.spend()) await pace.nextTurn()
        const [next] = session.redelivery
        if (next === undefined || stopped()) return
        const position = batch.positions[index] ?? 0
        if (next.partition !== partition || next.position > position + readAheadRecordsMax) return
        if (next.state === inflightState.received || next.retained) return
        // Sent later, but published earlier: it is sought anew. Passed without having been met, it is gone.
        if (next.position < reached) return
        if (next.position < position) return this.#forget(session, connection)
        if (next.position > position) continue
        session.redelivery.shift()
        reached = position
        // A session's own copy and its share of the same message stand at the same place.
        const at = batch.offsets[index] ?? 0
        if (session.redelivery[0]?.position === position) index--
        if (recordKindAt(batch.bytes, at) !== recordKind.publish) continue
        if (session.outgoing.stateOf(next.packetId) !== next.state) continue
        let view = this.#view.moveTo(batch.bytes, at)
        const allowed = connection.mayReceive(view.topic)
        if (allowed !== true) {
          const mayReceive = await allowed
          if (session.connection !== connection) return
          if (!mayReceive) {
            this.#withdraw(session, connection, next)
            continue
          }
          // Others have moved it meanwhile.
          view = this.#view.moveTo(batch.bytes, at)
        }
        this.#again(session, connection, next, view, view, view.retain && asPublished(session, next, view.topic))
      }
    }
    if (session.redelivery[0]?.position === from) this.#forget(session, connection)
  }

  /** Its client may not read the topic any more. */
  #withdraw(session: Session, connection: Connection, message: InflightMessage): void {
    if (session.outgoing.stateOf(message.packetId) !== message.state) return
    this.#parts.counters.dropped['not-authorized']++
    this.#giveUp(session, connection, message, 'not-authorized')
  }

  /** The log has it no more. */
  #forget(session: Session, connection: Connection): void {
    const message = session.redelivery.shift()
    if (message === undefined || session.outgoing.stateOf(message.packetId) !== message.state) return
    this.#parts.counters.dropped['behind-log']++
    this.#giveUp(session, connection, message, 'behind-log')
  }

  /** A message in flight is not sent again. */
  #giveUp(session: Session, connection: Connection, message: InflightMessage, reason: DropReason): void {
    const { packetId, partition, state } = message
    if (state === inflightState.assigned) return this.#release(session, connection, packetId)
    this.#abandon(session, packetId, partition, reason, false)
    if (session.durable) this.#parts.journal.touch(session)
  }

  /**
   * A QoS 2 message that cannot be sent again: its client may have it, and would take another with the packet id for
   * the same one until PUBREL has come. That is sent as if the client had answered.
   */
  #release(session: Session, connection: Connection, packetId: number): void {
    const { journal, commits } = this.#parts
    session.outgoing.receive(packetId)
    if (!session.durable) return connection.acknowledge(afterCommit.pubrel, packetId)
    const ticket = journal.append(session, { kind: 'received', packetId })
    if (ticket === undefined) connection.end()
    else commits.acknowledge(ticket, afterCommit.pubrel, connection, packetId)
  }

  /** What has been begun is over without its client; `isNew`: nothing of it has left. */
  #abandon(session: Session, packetId: number, partition: Partition, reason: DropReason, isNew: boolean): void {
    const { accounts } = this.#parts.counters
    session.outgoing.remove(packetId)
    accounts.of(partition).abandoned[reason]++
    if (isNew) accounts.neverSent++
  }

  /**
   * Expiry never drops what was sent and is not acknowledged: it goes out with what is left, at least one second.
   * [MQTT-4.3.3-7]
   */
  #again(
    session: Session,
    connection: Connection,
    message: InflightMessage,
    source: PublishSource,
    timed: { readonly messageExpirySeconds: number; readonly steadyAt: number },
    retain: boolean,
  ): void {
    const { sender, counters, expiryLeft } = this.#parts
    const left = expiryLeft(timed)
    const qos = message.state === inflightState.published ? 1 : 2
    const identifiers = message.identifiers ?? noIdentifiers
    // [MQTT-3.3.1-1]; v3.1.1 [MQTT-3.3.1-1]
    const expiry = left === 0 ? 1 : left
    const { packetId } = message
    const refused = sender.send(connection, source, qos, retain, true, packetId, expiry, identifiers, undefined)
    if (refused !== undefined) return this.#giveUp(session, connection, message, refused)
    counters.publishesResent++
    session.outgoing.sent(packetId)
  }
}

/** Whether the subscriptions that a message is sent by take RETAIN as it was published. */
function asPublished(session: Session, { shared }: InflightMessage, topic: string): boolean {
  if (shared !== undefined) return session.subscriptions.get(shared)?.retainAsPublished === true
  return receiverOf(session, session.matching(topic)).retainAsPublished
}
