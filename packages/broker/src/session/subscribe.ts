/** SUBSCRIBE and UNSUBSCRIBE: sections 3.8 to 3.11 of both specifications. */
import {
  checkTopicFilter,
  isSharedFilter,
  type Properties,
  type ProtocolVersion,
  parseSharedFilter,
  type QoS,
  reasonCode,
  reasonCodeName,
  type SubscribePacket,
  type Subscription,
  type UnsubscribePacket,
} from '@hawser/codec'
import { stepsPerTurn } from '../delivery/pace.ts'
import { refuse } from '../limits/refusals.ts'
import { type Claims, filterExcess, subscriptionExcess } from '../limits/subscription-limits.ts'
import { filterFault, subscribeFault } from '../protocol/offered.ts'
import { maySubscribe } from '../rights/subscribe-rights.ts'
import { RetainedWalk } from '../router/retained-walk.ts'
import type { Connection } from './connection.ts'
import { referenceOf } from './connection-events.ts'
import { endSubscription } from './end-subscription.ts'
import { pauseCause } from './pause-cause.ts'
import type { Session } from './session.ts'
import { type SessionSubscription, startOf } from './subscription.ts'

/** Failure in a 3.1.1 SUBACK. */
const legacyFailure = 0x80

interface Activated {
  readonly subscription: SessionSubscription
  readonly isNew: boolean
}

export function subscribe(connection: Connection, packet: SubscribePacket): void {
  const { session, services } = connection
  if (session === undefined) return
  services.counters.subscribes++
  const unavailable = subscribeFault(connection.protocol, packet, connection.version)
  if (unavailable !== undefined) return connection.fault(unavailable)
  if (idInUse(connection, session, packet.packetId)) {
    const reasonCodes = packet.subscriptions.map(() => reasonCode.packetIdentifierInUse)
    return connection.send({ type: 'suback', packetId: packet.packetId, reasonCodes, properties: {} })
  }
  const claims = services.claims.of(session)
  const refusals = packet.subscriptions.map((wanted) => refusalOf(connection, session, wanted, claims))
  if (refusals.every((refusal) => !(refusal instanceof Promise))) {
    return afterInterest(connection, session, packet, refusals as (number | undefined)[], claims)
  }
  connection.hold(pauseCause.access)
  const decide = (answers: readonly (number | undefined)[]): void => {
    afterInterest(connection, session, packet, answers, claims)
    connection.goOn(pauseCause.access)
  }
  Promise.all(refusals)
    .then(decide)
    .catch((error) => {
      claims.release()
      services.failed(connection, error)
    })
}

/**
 * What is granted counts from when all other processes forward it, and this one has been handed what they had
 * acknowledged. `refusals` are in the order of the packet: what is undefined is granted.
 */
function afterInterest(
  connection: Connection,
  session: Session,
  packet: SubscribePacket,
  refusals: readonly (number | undefined)[],
  claims: Claims,
): void {
  const { interest } = connection.services
  const filters = packet.subscriptions.filter((_, index) => refusals[index] === undefined).map(({ filter }) => filter)
  if (interest === undefined || filters.length === 0) return grant(connection, session, packet, refusals, claims)
  const held = interest.hold(filters)
  claims.releaseWith(held)
  connection.hold(pauseCause.peers)
  const finish = (): void => {
    grant(connection, session, packet, refusals, claims)
    connection.goOn(pauseCause.peers)
  }
  held.confirmed.then(finish).catch((error) => {
    claims.release()
    connection.services.failed(connection, error)
  })
}

function grant(
  connection: Connection,
  session: Session,
  packet: SubscribePacket,
  refusals: readonly (number | undefined)[],
  claims: Claims,
): void {
  if (session.connection !== connection) return claims.release()
  const { services } = connection
  const identifier = packet.properties.subscriptionIdentifiers?.[0]
  const granted: SessionSubscription[] = []
  const reasonCodes: number[] = []
  // One code for each filter. [MQTT-3.8.4-6] [MQTT-3.8.4-7] [MQTT-3.9.3-1] v3.1.1 [MQTT-3.8.4-5] [MQTT-3.9.3-1]
  for (const [index, asked] of packet.subscriptions.entries()) {
    const wanted = refusals[index] ?? afterHook(connection, asked)
    if (typeof wanted === 'number') {
      reasonCodes.push(refusalCode(connection.version, wanted, asked.qos))
      continue
    }
    // [MQTT-3.8.4-3] [MQTT-3.8.4-4] v3.1.1 [MQTT-3.8.4-3]
    const replaced = session.subscriptions.get(wanted.filter)
    // [MQTT-3.2.2-10]
    const qos = Math.min(wanted.qos, connection.protocol.qosMax) as QoS
    const shared = parseSharedFilter(wanted.filter)
    const subscription: SessionSubscription = {
      ...wanted,
      qos,
      ...(shared !== undefined && { shared }),
      ...(identifier !== undefined && { identifier }),
      since: startOf(replaced, qos, services.committed.ends),
    }
    granted.push(subscription)
    reasonCodes.push(qos)
  }
  const finish = (): void => {
    for (const subscription of granted) session.inForce(subscription.filter, subscription)
    if (session.connection !== connection) return claims.release()
    // One after another, as if each had come alone. [MQTT-3.8.4-5]
    const activated = granted.map((subscription) => {
      const isNew = activate(connection, session, subscription)
      return { subscription, isNew }
    })
    claims.release()
    tellSubscribed(connection, granted)
    const properties = firstRefusal(packet, refusals)
    // [MQTT-2.2.1-6] [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-5] v3.1.1 [MQTT-2.3.1-7] [MQTT-3.8.4-1] [MQTT-3.8.4-2]
    // v3.1.1 [MQTT-3.8.4-4]
    connection.send({ type: 'suback', packetId: packet.packetId, reasonCodes, properties })
    deliverRetained(connection, session, activated)
  }
  if (!afterJournal(connection, session, granted, finish)) claims.release()
}

/** What the embedding program leaves of a subscription: perhaps at a lower QoS, or a reason code where it refuses. */
function afterHook(connection: Connection, wanted: Subscription): Subscription | number {
  const { hooks, counters } = connection.services
  const verdict = hooks.subscribe?.(wanted, referenceOf(connection))
  if (verdict === undefined) return wanted
  switch (verdict.kind) {
    case 'accept':
      return { ...wanted, qos: Math.min(wanted.qos, verdict.qosMax ?? wanted.qos) as 0 | 1 | 2 }
    case 'refuse':
      counters.refused['subscribe-by-hook']++
      return verdict.reasonCode
    default:
      throw verdict satisfies never
  }
}

/**
 * A durable session's SUBACK waits until the subscriptions are in the log, any other for what is being retained. False
 * where the log does not take them.
 */
function afterJournal(
  connection: Connection,
  session: Session,
  granted: readonly SessionSubscription[],
  finish: () => void,
): boolean {
  const { journal, receipts, retained } = connection.services
  if (!session.durable || granted.length === 0) {
    receipts.run(retained.underway, retained.underwayVolatile, finish)
    return true
  }
  let ticket: number | undefined
  for (const subscription of granted) {
    const since = [...subscription.since]
    ticket = journal.append(session, { kind: 'subscribed', subscription: { ...subscription, since } })
    if (ticket === undefined) {
      connection.disconnect(reasonCode.quotaExceeded)
      return false
    }
    session.announce(subscription.filter, subscription)
  }
  const said = journal.checkpoints
  receipts.run(ticket ?? retained.underway, retained.underwayVolatile, () => {
    // Rows of groups were made meanwhile, and know only members that are in force: it is said behind them once more.
    const missed =
      journal.checkpoints === said || session.connection !== connection
        ? []
        : granted.filter((one) => one.shared !== undefined && session.announced(one.filter) === one)
    if (missed.length === 0) finish()
    else if (!afterJournal(connection, session, missed, finish)) finish()
  })
  return true
}

/** Before 5.0 there is one word for all refusals; 3.1 has none, and asks for a grant of what is then not given. */
function refusalCode(version: ProtocolVersion, code: number, qos: QoS): number {
  if (version === 5) return code
  return version === 4 ? legacyFailure : qos
}

/** For who reads the client's log: which filter it was. */
function firstRefusal(packet: SubscribePacket, refusals: readonly (number | undefined)[]): Properties {
  const index = refusals.findIndex((refusal) => refusal !== undefined)
  const refusal = refusals[index]
  if (refusal === undefined) return {}
  return { reasonString: `${packet.subscriptions[index]?.filter}: ${reasonCodeName(refusal)}` }
}

/** A QoS 2 exchange has the packet id: client and server disagree about the session. Only 5.0 has a word for it. */
const idInUse = (connection: Connection, session: Session, packetId: number): boolean =>
  connection.version === 5 && session.inbound?.has(packetId) === true

function refusalOf(
  connection: Connection,
  session: Session,
  wanted: Subscription,
  claims: Claims,
): number | undefined | Promise<number | undefined> {
  const { limits, services } = connection
  const { counters, shared } = services
  const fault = checkTopicFilter(wanted.filter)
  if (fault !== undefined) return fault.reasonCode
  const unavailable = filterFault(connection.protocol, wanted.filter)
  if (unavailable !== undefined) return unavailable.reasonCode
  const excess = filterExcess(limits, wanted.filter) ?? subscriptionExcess(connection, session, wanted.filter, claims)
  if (excess !== undefined) return refuse(counters, excess)
  if (isSharedFilter(wanted.filter) && !shared.hasRoomFor(wanted.filter)) return refuse(counters, 'shared-groups')
  const judge = (allowed: boolean | undefined): number | undefined => {
    if (allowed === true) return undefined
    return refuse(counters, 'subscribe-not-authorized')
  }
  const answer = maySubscribe(connection, wanted.filter)
  return typeof answer === 'boolean' ? judge(answer) : answer.then(judge)
}

function tellSubscribed(connection: Connection, granted: readonly SessionSubscription[]): void {
  const client = referenceOf(connection)
  for (const { filter, qos } of granted) {
    connection.services.events.tell({ kind: 'subscribed', client, filter, qos })
  }
}

/** Answers whether the session had no such filter before. */
function activate(connection: Connection, session: Session, granted: SessionSubscription): boolean {
  const { router, shared, committed } = connection.services
  const { filter } = granted
  const replaced = session.subscriptions.get(filter)
  const isNew = replaced === undefined
  // The one that is replaced has gone on until now.
  const subscription = isNew ? granted : { ...granted, since: startOf(replaced, granted.qos, committed.ends) }
  session.keep(subscription)
  if (subscription.shared !== undefined) shared.join(session, subscription)
  else {
    if (!isNew) router.unsubscribe(session, filter)
    router.subscribe(session, subscription)
  }
  return isNew
}

/** [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]; v3.1.1 [MQTT-3.3.1-6] [MQTT-3.3.1-8] */
function deliverRetained(connection: Connection, session: Session, activated: readonly Activated[]): void {
  const { retained, committed, catchUp } = connection.services
  // Section 3.2.2.3.5: what was retained before it was switched off is not known either.
  if (!connection.protocol.retainAvailable) return
  const before = new Map(committed.ends)
  let steps = stepsPerTurn
  for (const { subscription, isNew } of activated) {
    // Section 4.8.2: a share of what is retained is nobody's.
    if (subscription.shared !== undefined) continue
    if (subscription.retainHandling === 2 || (subscription.retainHandling === 1 && !isNew)) continue
    const known = session.retainedBacklog.get(subscription.filter)
    if (known !== undefined) {
      known.repeat(subscription, before)
      continue
    }
    const walk = new RetainedWalk(session.number, subscription, retained, before)
    // Almost always it is seen at once that there is nothing.
    steps -= walk.advance(steps)
    if (!walk.over) session.owe(subscription.filter, walk)
  }
  if (session.retainedBacklog.size === 0) return
  // What is published from now on comes after what is retained now.
  if (session.live && activated.some(({ subscription }) => subscription.qos > 0)) {
    session.live = false
    session.cursor = new Map(committed.ends)
  }
  catchUp.start(session)
}

/** What has been sent is completed. [MQTT-3.10.4-3]; v3.1.1 [MQTT-3.10.4-3] */
export function unsubscribe(connection: Connection, packet: UnsubscribePacket): void {
  const { session, services } = connection
  if (session === undefined) return
  services.counters.unsubscribes++
  if (idInUse(connection, session, packet.packetId)) {
    const reasonCodes = packet.filters.map(() => reasonCode.packetIdentifierInUse)
    return connection.send({ type: 'unsuback', packetId: packet.packetId, reasonCodes, properties: {} })
  }
  let ticket: number | undefined
  if (session.durable) {
    for (const filter of packet.filters) {
      ticket = services.journal.append(session, { kind: 'unsubscribed', filter })
      if (ticket === undefined) return connection.disconnect(reasonCode.quotaExceeded)
      session.announce(filter, undefined)
    }
  }
  const finish = (): void => {
    for (const filter of packet.filters) session.inForce(filter, undefined)
    if (session.connection !== connection) return
    // [MQTT-3.10.4-1] [MQTT-3.10.4-2] v3.1.1 [MQTT-3.10.4-1] [MQTT-3.10.4-2]
    const reasonCodes = packet.filters.map((filter) => {
      if (!endSubscription(services, session, filter)) return reasonCode.noSubscriptionExisted
      services.events.tell({ kind: 'unsubscribed', client: referenceOf(connection), filter })
      return reasonCode.success
    })
    // [MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.10.4-6] v3.1.1 [MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.10.4-6]
    const codes = connection.version === 5 ? reasonCodes : []
    connection.send({ type: 'unsuback', packetId: packet.packetId, reasonCodes: codes, properties: {} })
  }
  // Behind a SUBSCRIBE that still waits for its commit, so that the later packet has the last word.
  const { receipts, retained } = services
  receipts.run(ticket ?? retained.underway, retained.underwayVolatile, finish)
}
