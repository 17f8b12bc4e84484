/**
 * Brings a connected session to the head of the log: first what was in flight when its last connection ended, then
 * retained messages of new subscriptions, then the log from its cursor on. Where the client's window or output is full
 * it waits a little with one batch at hand, so that each acknowledgement is answered by the next message at once; from
 * a client that takes longer it lets go, and is started again by the next acknowledgement or drain.
 */
import {
  type FilterSpan,
  type MessageLog,
  type Partition,
  type Position,
  PublishView,
  position as positionOf,
  type RecordBatch,
  recordEnd,
  recordKind,
  recordKindAt,
} from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'
import type { Counters } from '../counters.ts'
import type { Journal } from '../journal/journal.ts'
import { placeKey } from '../journal/session-state.ts'
import type { Limits } from '../limits/limits.ts'
import { receiverOf } from '../router/router.ts'
import type { Connection } from '../session/connection.ts'
import type { Session } from '../session/session.ts'
import { type BacklogExcess, backlogExcess, mayExceed, passesOver } from './backlog.ts'
import { isBehindBarrier } from './behind-barrier.ts'
import type { CommittedDelivery } from './committed.ts'
import { isOfThisLife, isOvertaken } from './overtaken.ts'
import type { ReadSlots } from './read-slots.ts'
import type { Redelivery } from './redelivery.ts'

export interface CatchUpParts {
  readonly log: MessageLog
  readonly limits: Limits
  readonly counters: Counters
  readonly journal: Journal
  readonly committed: CommittedDelivery
  readonly redelivery: Redelivery
  readonly slots: ReadSlots
  /** A fault while reading: the session's connection cannot go on. */
  readonly failed: (session: Session, error: unknown) => void
  readonly clock: Clock
}

/** A session that cannot keep up is counted again once so much has come, or this share of its bound. */
const recountRecordsMin = 10_000
const recountShare = 8

/** How long a full session may keep its place among those that read. */
const patienceMs = milliseconds(1_000)

export class CatchUp {
  readonly #parts: CatchUpParts
  readonly #view = new PublishView()
  /** Up to where the backlog of a session was counted last, and what of it is still to be passed over. */
  readonly #counted = new WeakMap<Session, { readonly to: Position; readonly excess: BacklogExcess }>()

  constructor(parts: CatchUpParts) {
    this.#parts = parts
  }

  /** Starts or goes on, unless the session has all it can take. */
  start(session: Session): void {
    if (session.catchingUp) return session.wakeCatchUp?.()
    // Not before CONNACK. [MQTT-3.2.0-1] v3.1.1 [MQTT-3.2.0-1]
    if (session.connection === undefined || !session.routed) return
    if (!isBehind(session)) return
    if (this.#full(session, session.connection)) return
    session.catchingUp = true
    session.refusedByLog = false
    this.#run(session, session.connection)
      .catch((error) => {
        if (!isOvertaken(error)) this.#parts.failed(session, error)
      })
      .finally(() => {
        session.catchingUp = false
        // What changed while it was ending would else wait for the next event.
        if (isBehind(session) && !session.refusedByLog && session.connection !== undefined) this.start(session)
      })
  }

  async #run(session: Session, connection: Connection): Promise<void> {
    const { redelivery, slots } = this.#parts
    using _slot = await slots.take()
    const stopped = () => session.connection !== connection || session.refusedByLog || this.#full(session, connection)
    await redelivery.inflight(session, connection, stopped)
    if (stopped()) return
    await redelivery.retained(session, connection, stopped)
    if (stopped() || session.live) return
    while (!this.#reachedHead(session)) {
      for (const partition of this.#parts.committed.ends.keys()) {
        await this.#readOn(session, connection, partition, stopped)
        if (stopped()) return
      }
    }
    session.live = true
    session.skip = undefined
    session.mayBeDuplicate = undefined
    this.#parts.journal.touch(session)
  }

  /** Waits until the session takes more; false where it is gone or too slow. */
  async #room(session: Session, connection: Connection, stopped: () => boolean): Promise<boolean> {
    let patient = true
    while (stopped() && patient && session.connection === connection) {
      await new Promise<void>((resolve) => {
        const timer = this.#parts.clock.after(patienceMs, () => {
          patient = false
          resolve()
        })
        session.wakeCatchUp = () => {
          timer[Symbol.dispose]()
          resolve()
        }
      })
      session.wakeCatchUp = undefined
    }
    return !stopped()
  }

  #full(session: Session, connection: Connection): boolean {
    return session.windowFull || connection.output.congested
  }

  #reachedHead(session: Session): boolean {
    for (const [partition, end] of this.#parts.committed.ends) {
      if ((session.cursor.get(partition) ?? 0) < end) return false
    }
    return true
  }

  /** Delivers what matches in one partition up to its end as it is now, or until the session is full. */
  async #readOn(session: Session, connection: Connection, partition: Partition, stopped: () => boolean): Promise<void> {
    const { log, committed, counters } = this.#parts
    const end = committed.ends.get(partition) ?? positionOf(0)
    const start = log.partitions().find((range) => range.partition === partition)?.start ?? end
    let from = session.cursor.get(partition) ?? positionOf(0)
    if (from < start) {
      // Retention went on without the session: that is a loss, and is said.
      if (isOfThisLife(log, partition, from)) counters.dropped['behind-log']++
      from = start
      session.cursor.set(partition, from)
    }
    const spans = spansOf(session, partition)
    if (from < end && spans.length > 0) {
      const excess = await this.#excess(session, partition, from, spans)
      if (session.connection !== connection) return
      for await (const batch of log.find(partition, from, spans)) {
        for (let index = 0; index < batch.count; index++) {
          const position = (batch.positions[index] ?? 0) as Position
          // Past `end` the commit has not been through the live path yet.
          if (position >= end) break
          // The cursor stays at what is not delivered.
          session.cursor.set(partition, position)
          while (stopped()) if (!(await this.#room(session, connection, stopped))) return
          const at = batch.offsets[index] ?? 0
          if (recordKindAt(batch.bytes, at) === recordKind.barrier) {
            // Publishers were with other processes before: what they have published there comes first.
            if (isBehindBarrier(batch.bytes, at, session.cursor, committed.ends)) return
            continue
          }
          if (excess !== undefined && this.#passesOver(session, excess, batch, index, partition)) continue
          let view = this.#view.moveTo(batch.bytes, at)
          const allowed = connection.services.rights.open || connection.mayReceive(view.topic)
          if (allowed !== true) {
            // Not a loss: the right is narrower than the subscription.
            if (!(await allowed)) continue
            while (stopped()) if (!(await this.#room(session, connection, stopped))) return
            // Others have moved it meanwhile.
            view = this.#view.moveTo(batch.bytes, at)
          }
          if (!this.#deliver(session, view, partition, position)) {
            session.refusedByLog = true
            return connection.waitForLog()
          }
          session.cursor.set(partition, (position + 1) as Position)
        }
      }
    }
    session.cursor.set(partition, end)
  }

  /** What is too much of a session's backlog; undefined almost always. Counted again only once there is much more. */
  async #excess(
    session: Session,
    partition: Partition,
    from: Position,
    spans: readonly FilterSpan[],
  ): Promise<BacklogExcess | undefined> {
    const { log, limits } = this.#parts
    const range = log.partitions().find((candidate) => candidate.partition === partition)
    if (range === undefined || !mayExceed(limits, range, from)) return undefined
    const known = this.#counted.get(session)
    const recordsMin = Math.max(recountRecordsMin, limits.backlogMessagesMax / recountShare)
    if (known !== undefined && range.end - known.to < recordsMin) return known.excess
    const excess = await backlogExcess(limits, log, range, from, spans)
    this.#counted.set(session, { to: range.end, excess })
    return excess
  }

  #passesOver(
    session: Session,
    excess: BacklogExcess,
    batch: RecordBatch,
    index: number,
    partition: Partition,
  ): boolean {
    const at = batch.offsets[index] ?? 0
    const position = (batch.positions[index] ?? 0) as Position
    if (this.#view.moveTo(batch.bytes, at).qos === 0 || session.skip?.has(placeKey(partition, position))) return false
    if (!passesOver(excess, recordEnd(batch.bytes, at) - at)) return false
    const { counters } = this.#parts
    const account = counters.accounts.of(partition)
    account.attempted++
    account.dropped['backlog-limit']++
    counters.dropped['backlog-limit']++
    session.cursor.set(partition, (position + 1) as Position)
    return true
  }

  #deliver(session: Session, view: PublishView, partition: Partition, position: Position): boolean {
    if (view.qos === 0 || session.skip?.has(placeKey(partition, position))) return true
    const matched = session
      .matching(view.topic)
      .filter(
        ({ since, noLocal }) =>
          position >= (since.get(partition) ?? 0) && !(noLocal && view.session === session.number),
      )
    const receiver = receiverOf(session, matched)
    // QoS 0 is for who is there when it comes.
    if (receiver.qos === 0) return true
    const duplicate = position < (session.mayBeDuplicate?.get(partition) ?? 0)
    const { counters, committed } = this.#parts
    const account = counters.accounts.of(partition)
    account.attempted++
    if (committed.deliver(session, receiver, undefined, view, partition, position, duplicate)) return true
    account.leftInLog++
    return false
  }
}

const isBehind = (session: Session): boolean => !session.live || session.retainedBacklog.size > 0

/** What a session reads of a partition: its filters that give more than QoS 0. */
function spansOf(session: Session, partition: Partition): FilterSpan[] {
  const spans: FilterSpan[] = []
  for (const { filter, qos, since, shared } of session.subscriptions.values()) {
    if (qos === 0 || shared !== undefined) continue
    spans.push({ filter, since: since.get(partition) ?? positionOf(0), until: positionOf(Number.POSITIVE_INFINITY) })
  }
  return spans
}
