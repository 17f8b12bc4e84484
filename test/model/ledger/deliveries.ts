/** What a session may be given, and what it must have been given once nothing is under way any more. */
import type { Message, SessionRecord, Step, SubscriptionRecord, Violation } from './records.ts'

export interface Delivered {
  readonly qos: 0 | 1 | 2
  readonly duplicate: boolean
  /** RETAIN is set: it came with a subscription. */
  readonly retained: boolean
  readonly connection: number
}

const never: Step = Number.POSITIVE_INFINITY

/** How often a message may have been appended. */
const appendsMax = ({ qos, sends }: Message): number => (qos === 1 ? sends : 1)

/** Holds a live delivery against what may be, and enters it. */
export function* takeLive(session: SessionRecord, message: Message, delivered: Delivered): Generator<Violation> {
  const { qos, connection } = delivered
  const about = `${message.id} (${message.topic}, QoS ${message.qos} from ${message.from}) at ${session.name}`
  const possible = session.matching(message.topic).filter((subscription) => mayMatch(subscription, message))
  if (possible.length === 0) {
    yield { invariant: 0, what: `${about}: no subscription that it was published within` }
  }
  if (message.refused && message.sends === 1) yield { invariant: 8, what: `${about}: it was refused` }
  const qosMax = Math.min(message.qos, Math.max(0, ...possible.flatMap(({ qosAsked }) => [...qosAsked])))
  if (qos > qosMax) yield { invariant: 0, what: `${about}: at QoS ${qos} instead of ${qosMax} at most` }
  const record = session.deliveryOf(message)
  const isFirst = record.live === 0
  record.live++
  record.forgotten = false
  const inConnection = (record.byConnection.get(connection) ?? 0) + 1
  record.byConnection.set(connection, inConnection)
  const atQos = ++record.byQos[qos]
  if (qos !== 1 && atQos > appendsMax(message)) {
    yield { invariant: 3, what: `${about}: ${atQos} times at QoS ${qos}` }
  }
  // By a subscription that was under way another copy may come [MQTT-3.3.5-1], beside one at QoS 0.
  const further = record.byQos[0] > 0 && possible.some(({ sureAt = never }) => sureAt > message.sentAt) ? 1 : 0
  if (qos === 1 && inConnection > appendsMax(message) + further) {
    yield { invariant: 3, what: `${about}: ${inConnection} times in one connection` }
  }
  if (isFirst) yield* inOrder(session, message, delivered, about)
}

const mayMatch = ({ sentAt, goneAt = never }: SubscriptionRecord, { sentAt: published, acceptedAt = never }: Message) =>
  sentAt < acceptedAt && goneAt > published

/** Messages that were sent again have two places, and what comes while SUBACK is under way may come or not. */
function* inOrder(session: SessionRecord, message: Message, { qos }: Delivered, about: string): Generator<Violation> {
  if (message.qos !== 2 && message.sends > 1) return
  if (!session.matching(message.topic).some(({ sureAt = never }) => sureAt < message.sentAt)) return
  // QoS 0 is ordered as long as nobody moves.
  const source = message.qos === 0 ? `${message.from}/${message.connection}` : message.from
  const key = `${source} ${message.topic} ${message.qos} ${qos}`
  const newest = session.newest.get(key) ?? -1
  if (message.number < newest) yield { invariant: 5, what: `${about}: it comes behind a later one of its publisher` }
  else session.newest.set(key, message.number)
}

/** What was accepted while the session had a subscription for sure, and has it still. */
export function mustHave(session: SessionRecord, message: Message): boolean {
  const { acceptedAt, qos, sentAt, deletes, refused } = message
  if (acceptedAt === undefined || refused || qos === 0 || deletes) return false
  return session.matching(message.topic).some((subscription) => {
    const { sureAt = never, endsAt, qosAsked } = subscription
    return sureAt < sentAt && endsAt === undefined && Math.min(...qosAsked) > 0
  })
}

/** What was sent at QoS 0 while the session had a subscription for sure: it came, or its loss is counted. */
export function mustHaveOrCount(session: SessionRecord, message: Message): boolean {
  if (message.deletes || message.sentAt < session.connectedAt) return false
  return session
    .matching(message.topic)
    .some(({ sureAt = never, endsAt }) => sureAt < message.sentAt && endsAt === undefined)
}
