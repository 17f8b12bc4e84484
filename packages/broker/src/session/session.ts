/**
 * A session: subscriptions and a cursor over the log, whether or not its client is connected. No I/O: it is told what
 * happened and holds what follows; connection, delivery and journal act on it.
 */

import { type Cursor, type Partition, type Position, topicMatches } from '@hawser/engine'
import type { ClientId, SessionNumber, SteadyMicros } from '@hawser/std'
import type { ClaimStamp } from '../cluster/claim-order.ts'
import { placeKey, type SessionState, type StoredWill } from '../journal/session-state.ts'
import type { RetainedWalk } from '../router/retained-walk.ts'
import type { Group } from '../shared/group.ts'
import type { Connection } from './connection.ts'
import { Inflight, type InflightMessage, inflightState } from './inflight.ts'
import type { SessionSubscription } from './subscription.ts'

const none: ReadonlyMap<string, never> = new Map<string, never>()

export class Session {
  readonly number: SessionNumber
  readonly clientId: ClientId
  /** The user name that whoever opened it had proved; undefined: anonymous. Nobody else gets it. */
  owner: string | undefined
  /** 0: ends with its connection; 0xFFFFFFFF: never. */
  expirySeconds = 0
  /** Its changes are journaled: it outlives the process, or its will does. */
  journaled = false
  will: StoredWill | undefined
  connection: Connection | undefined
  /** Its subscriptions are in the router: from CONNACK until the connection ends. */
  routed = false
  #subscriptions: Map<string, SessionSubscription> | undefined
  #ahead: Map<string, SessionSubscription | undefined> | undefined
  /** Shared subscriptions that this connection is or was a member of, by their filter. */
  groups: Map<string, Group> | undefined
  inflight: Inflight | undefined
  /** Packet ids of inbound QoS 2 publishes between PUBLISH and PUBREL. */
  inbound: Set<number> | undefined
  /**
   * Live: all committed records have been delivered. Else the session reads from `cursor` on, and the live path
   * leaves it alone.
   */
  live = true
  #cursor: Map<Partition, Position> | undefined
  /** A catch-up is reading for it now. */
  catchingUp = false
  /** Set while that catch-up waits for the session to take more. */
  wakeCatchUp: (() => void) | undefined
  /** That catch-up ended because the log took nothing: the next commit starts it again, not it itself. */
  refusedByLog = false
  #retainedBacklog: Map<string, RetainedWalk> | undefined
  #clientIdBytes: Buffer | undefined
  /** In flight since before this connection, and not sent again on it yet; oldest first. */
  redelivery: InflightMessage[] = []
  /** QoS 2 messages at or past the cursor that the client has, or has been assigned: known after a crash only. */
  skip: Set<string> | undefined
  /** Positions below may have been sent before a crash: they go out with DUP. */
  mayBeDuplicate: Cursor | undefined
  /** Its journaled state says that its cursor is the horizon. */
  atHorizon = false
  /** What of its standing the journal was told last. */
  journaledStanding = ''
  /** It is in the journal's list for the next tick. */
  touched = false
  /** Its keys in the store among those that keep the log. */
  restingKeys: readonly string[] = []
  /** The store has a row of it. */
  stored = false
  /** How often it has changed hands. */
  epoch = 0
  /** The lane whose journal it is in; undefined: in none yet. */
  partition: Partition | undefined
  /** By which its connection came to this process; undefined: the process is alone. */
  claim: ClaimStamp | undefined
  /** Another process has it: nothing is written of it here any more. */
  moved = false
  /** When the session's connection ended. */
  closedAt: SteadyMicros | undefined

  constructor(number: SessionNumber, clientId: ClientId) {
    this.number = number
    this.clientId = clientId
  }

  /** The session that a journal or a row tells of. */
  static restore(state: SessionState): Session {
    const session = new Session(state.number, state.clientId)
    session.owner = state.owner
    session.expirySeconds = state.expirySeconds
    session.will = state.will
    session.live = false
    session.cursor = new Map(state.cursor)
    session.closedAt = state.closedAt
    session.mayBeDuplicate = state.mayBeDuplicate
    session.restingKeys = state.restingKeys
    session.epoch = state.epoch
    session.partition = state.partition
    for (const subscription of state.subscriptions.values()) session.keep(subscription)
    for (const message of state.inflight) session.outgoing.restore(message)
    if (state.inbound.size > 0) session.inbound = new Set(state.inbound)
    session.skip = new Set(state.done)
    for (const { retained, shared, partition, position } of state.inflight) {
      // A share says nothing of the session's own copy of the message.
      if (!retained && shared === undefined) session.skip.add(placeKey(partition, position))
    }
    if (session.skip.size === 0) session.skip = undefined
    return session
  }

  // Lever: nothing per idle connection. An empty map takes 200 bytes, so that each is made when there is something to
  // keep in it; measure with the `bench/` rows "idle-connections" and "connect-cycles".

  get subscriptions(): ReadonlyMap<string, SessionSubscription> {
    return this.#subscriptions ?? none
  }

  keep(subscription: SessionSubscription): void {
    this.#subscriptions ??= new Map()
    this.#subscriptions.set(subscription.filter, subscription)
  }

  drop(filter: string): void {
    this.#subscriptions?.delete(filter)
    this.#retainedBacklog?.delete(filter)
  }

  /** The journal has a subscription, or its end, which comes into force once that is durable. */
  announce(filter: string, subscription: SessionSubscription | undefined): void {
    this.#ahead ??= new Map()
    this.#ahead.set(filter, subscription)
  }

  /** It is in force now, or never will be: its client has gone. */
  inForce(filter: string, subscription: SessionSubscription | undefined): void {
    if (this.#ahead?.get(filter) !== subscription) return
    this.#ahead?.delete(filter)
    if (this.#ahead?.size === 0) this.#ahead = undefined
  }

  /** The newest that the journal has of a filter and that is not in force. */
  announced(filter: string): SessionSubscription | undefined {
    return this.#ahead?.get(filter)
  }

  /** As the journal has them by now: a checkpoint that said less would be believed, and the journal not read. */
  journaledSubscriptions(): Map<string, SessionSubscription> {
    const all = new Map(this.subscriptions)
    for (const [filter, subscription] of this.#ahead ?? []) {
      if (subscription === undefined) all.delete(filter)
      else all.set(filter, subscription)
    }
    return all
  }

  /** What new subscriptions, by their filters, have still to be sent of what was retained before them. */
  get retainedBacklog(): ReadonlyMap<string, RetainedWalk> {
    return this.#retainedBacklog ?? none
  }

  owe(filter: string, walk: RetainedWalk): void {
    this.#retainedBacklog ??= new Map()
    this.#retainedBacklog.set(filter, walk)
  }

  /** Without a filter: nothing retained is owed any more. */
  settle(filter?: string): void {
    if (filter === undefined) this.#retainedBacklog?.clear()
    else this.#retainedBacklog?.delete(filter)
  }

  get clientIdBytes(): Buffer {
    this.#clientIdBytes ??= Buffer.from(this.clientId, 'utf8')
    return this.#clientIdBytes
  }

  get cursor(): Map<Partition, Position> {
    this.#cursor ??= new Map()
    return this.#cursor
  }

  set cursor(cursor: Map<Partition, Position>) {
    this.#cursor = cursor
  }

  get durable(): boolean {
    return this.expirySeconds > 0
  }

  get outgoing(): Inflight {
    this.inflight ??= new Inflight()
    return this.inflight
  }

  get inflightCount(): number {
    return this.inflight?.count ?? 0
  }

  /** What is its own to send again: a share at QoS 1 goes back to the group. */
  ownInflight(): InflightMessage[] {
    const messages = this.inflight?.messages() ?? []
    return messages.filter(
      ({ packetId, state }) => state !== inflightState.published || this.inflight?.ownerOf(packetId) === undefined,
    )
  }

  /** Its subscriptions that a topic matches, those alone that it shares with nobody. */
  matching(topic: string): SessionSubscription[] {
    return [...this.subscriptions.values()].filter(
      ({ filter, shared }) => shared === undefined && topicMatches(filter, topic),
    )
  }

  /** No more may be in flight to this client now; only deliveries ask. [MQTT-3.3.4-9] [MQTT-4.9.0-2] [MQTT-4.9.0-3] */
  get windowFull(): boolean {
    return this.inflightCount - this.redelivery.length >= (this.connection?.sendWindow ?? 0)
  }

  /** Leaves the live path at a record that could not be taken; the log keeps it. */
  fallBehind(cursor: Cursor, partition: Partition, position: Position): void {
    this.live = false
    this.cursor = new Map(cursor)
    this.cursor.set(partition, position)
  }
}
