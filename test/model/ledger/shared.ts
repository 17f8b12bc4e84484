/** Shared subscriptions: what is published under these topics goes to one member of its group. */
import type { Delivered } from './deliveries.ts'
import type { Message, SessionRecord, Step, SubscriptionRecord, Violation } from './records.ts'

const never: Step = Number.POSITIVE_INFINITY

/** No other subscription matches them. */
export const isShared = (topic: string): boolean => topic.startsWith('s/')
const filterOf = ({ topic }: Message): string => `$share/group/${topic}`

export class Shared {
  /** Who has got a message at QoS 2. */
  readonly #atQos2 = new Map<string, SessionRecord[]>();

  *take(
    session: SessionRecord,
    message: Message,
    { qos }: Delivered,
    sessions: readonly SessionRecord[],
  ): Generator<Violation> {
    const about = `${message.id} (${message.topic}, QoS ${message.qos} from ${message.from}) at ${session.name}`
    // What it had in flight as a member comes to its end, also where the client has forgotten its half of the session.
    const ofClient = sessions.filter((other) => clientOf(other) === clientOf(session))
    const own = ofClient.flatMap((one) => membershipsOf(one, message))
    if (own.length === 0) yield { invariant: 0, what: `${about}: it is no member` }
    const qosMax = Math.min(message.qos, Math.max(0, ...own.flatMap(({ qosAsked }) => [...qosAsked])))
    if (qos > qosMax) yield { invariant: 0, what: `${about}: at QoS ${qos} instead of ${qosMax} at most` }
    const record = session.deliveryOf(message)
    record.live++
    record.forgotten = false
    if (qos !== 2) return
    // Nor is it sent to another where a session has ended. [MQTT-4.8.2-4] [MQTT-4.8.2-5]
    const receivers = this.#atQos2.get(message.id) ?? []
    this.#atQos2.set(message.id, [...receivers, session])
    // A client that has forgotten its half of a session cannot tell; what one had that ends with its connection no
    // journal knows after a crash.
    const before = receivers.find(({ isOver, durable }) => !isOver && durable)
    if (before !== undefined) yield { invariant: 3, what: `${about}: it has come to ${before.name} at QoS 2` }
  }

  /** All members are there and read, and nothing is under way. */
  *check(messages: Iterable<Message>, sessions: readonly SessionRecord[]): Generator<Violation> {
    for (const message of messages) {
      if (!isShared(message.topic) || !mustArrive(message, sessions)) continue
      const has = ({ deliveries }: SessionRecord): boolean => {
        const record = deliveries.get(message.id)
        return record !== undefined && record.live > 0 && !record.forgotten
      }
      if (sessions.some(has)) continue
      const what = `nobody of its group got ${message.id} (${message.topic}, QoS ${message.qos}), which was accepted`
      yield { invariant: 2, what }
    }
  }
}

const clientOf = ({ name }: SessionRecord): string => name.split('#', 1)[0] ?? ''

const membershipsOf = (session: SessionRecord, message: Message): SubscriptionRecord[] =>
  session.subscriptions.filter(({ filter }) => filter === filterOf(message))

/** It was accepted while somebody was a member for sure; and of none that was or became one the session has ended. */
function mustArrive(message: Message, sessions: readonly SessionRecord[]): boolean {
  const { acceptedAt, refused, qos, sentAt } = message
  if (acceptedAt === undefined || refused || qos === 0) return false
  let isSure = false
  for (const session of sessions) {
    for (const { sureAt = never, endsAt, goneAt = never } of membershipsOf(session, message)) {
      if (goneAt < sentAt) continue
      if (!session.durable || session.isOver || endsAt !== undefined) return false
      isSure ||= sureAt < sentAt
    }
  }
  return isSure
}
