/** What the reference model knows: plain records, written down by the clients as they send and receive. */
import { topicMatches } from '@hawser/engine'

/** The numbers of `What must always hold`; 0: what holds besides. */
export type Invariant = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

export interface Violation {
  readonly invariant: Invariant
  readonly what: string
}

/** Steps of a history: when something was sent or seen, as its order alone. */
export type Step = number

export interface Message {
  readonly id: string
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** Of a retained message: its payload is empty. */
  readonly deletes: boolean
  /** The session, or `will`, that it is from, and its number there. */
  readonly from: string
  readonly number: number
  readonly connection: number
  /** The process that it was sent to. */
  readonly process: number
  readonly sentAt: Step
  /** When, before that, all processes had heard of all that had been accepted. */
  readonly settledAt: Step
  sends: number
  /** PUBACK, or PUBREC, with success. */
  acceptedAt: Step | undefined
  /** Answered with a reason why not. */
  refused: boolean
}

export interface SubscriptionRecord {
  readonly filter: string
  readonly qosAsked: Set<number>
  readonly sentAt: Step
  /** SUBACK was there. */
  sureAt: Step | undefined
  /** UNSUBSCRIBE was sent. */
  endsAt: Step | undefined
  /** UNSUBACK was there. */
  goneAt: Step | undefined
}

export interface DeliveryRecord {
  live: number
  /** Of live ones, by their QoS: after a crash what was acknowledged at QoS 1 may come again at another. */
  readonly byQos: [number, number, number]
  /** Its receiver has lost it again, before it had acknowledged it. */
  forgotten: boolean
  retained: number
  /** Of live ones, by connection. */
  readonly byConnection: Map<number, number>
}

/** One session of a client, as far as the client can tell. */
export class SessionRecord {
  readonly name: string
  durable: boolean
  /** Its client has a newer one. */
  isOver = false
  /** CONNACK was there. */
  established = false
  /** When the CONNACK of its newest connection was there. */
  connectedAt: Step = 0
  /** Since when the client has no connection, in milliseconds; undefined: it has one. */
  lostAtMs: number | undefined
  readonly subscriptions: SubscriptionRecord[] = []
  readonly deliveries = new Map<string, DeliveryRecord>()
  /** The highest number received, by publisher, topic and both QoS. */
  readonly newest = new Map<string, number>()

  constructor(name: string, durable: boolean) {
    this.name = name
    this.durable = durable
  }

  matching(topic: string): SubscriptionRecord[] {
    return this.subscriptions.filter(({ filter }) => topicMatches(filter, topic))
  }

  current(filter: string): SubscriptionRecord | undefined {
    return this.subscriptions.findLast((record) => record.filter === filter && record.endsAt === undefined)
  }

  deliveryOf(message: Message): DeliveryRecord {
    let record = this.deliveries.get(message.id)
    if (record === undefined) {
      record = { live: 0, byQos: [0, 0, 0], forgotten: false, retained: 0, byConnection: new Map() }
      this.deliveries.set(message.id, record)
    }
    return record
  }
}
