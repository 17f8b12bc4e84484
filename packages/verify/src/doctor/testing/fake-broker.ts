/** A broker in memory, with the faults that a check is to find. */
import type { ConnectMqtt, MqttPeer, Qos, Received } from '../ports/ports.ts'

export interface BrokerFaults {
  /** Why no connection is made. */
  readonly refused?: string
  /** Publishes of this QoS are never acknowledged. */
  readonly unacknowledged?: Qos
  /** … are acknowledged and not delivered. */
  readonly undelivered?: Qos
  /** … are delivered twice. */
  readonly twice?: Qos
  /** … are delivered at QoS 0. */
  readonly downgraded?: Qos
  /** Subscriptions are refused. */
  readonly unsubscribable?: boolean
  /** The connection is lost with the first publish. */
  readonly losesConnection?: boolean
}

export class FakeBroker {
  /** What comes after a subscription that matches it. */
  traffic: Pick<Received, 'topic' | 'payload' | 'retain'>[] = []
  readonly faults: BrokerFaults
  readonly published: { readonly topic: string; readonly payload: string }[] = []
  readonly #peers = new Set<FakePeer>()

  constructor(faults: BrokerFaults = {}) {
    this.faults = faults
  }

  /** Connections that nobody closed. */
  get open(): number {
    return this.#peers.size
  }

  /** Subscriptions that nobody ended. */
  get subscriptions(): readonly string[] {
    return [...this.#peers].flatMap((peer) => [...peer.filters])
  }

  readonly connect: ConnectMqtt = async () => {
    if (this.faults.refused !== undefined) throw new Error(this.faults.refused)
    const peer = new FakePeer(this, () => this.#peers.delete(peer))
    this.#peers.add(peer)
    return peer
  }

  deliver(message: Received): void {
    this.published.push(message)
    for (const peer of this.#peers) peer.receive(message)
  }
}

class FakePeer implements MqttPeer {
  readonly filters = new Set<string>()
  readonly #broker: FakeBroker
  readonly #onClose: () => void
  readonly #lost = new AbortController()
  #listener: (message: Received) => void = () => undefined

  constructor(broker: FakeBroker, onClose: () => void) {
    this.#broker = broker
    this.#onClose = onClose
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  onMessage(listener: (message: Received) => void): void {
    this.#listener = listener
  }

  receive(message: Received): void {
    if ([...this.filters].some((filter) => matches(filter, message.topic))) this.#listener(message)
  }

  async subscribe(filter: string): Promise<void> {
    if (this.#broker.faults.unsubscribable) throw new Error('the subscription was refused')
    this.filters.add(filter)
    for (const message of this.#broker.traffic) {
      if (matches(filter, message.topic)) this.#listener({ ...message, qos: 0 })
    }
  }

  async unsubscribe(filter: string): Promise<void> {
    this.filters.delete(filter)
  }

  async publish(topic: string, payload: string, qos: Qos): Promise<void> {
    const { unacknowledged, undelivered, twice, downgraded, losesConnection } = this.#broker.faults
    if (losesConnection) this.#lost.abort(new Error('the broker closed the connection'))
    if (losesConnection || unacknowledged === qos) return new Promise(() => undefined)
    if (undelivered === qos) return
    const message: Received = { topic, payload, qos: downgraded === qos ? 0 : qos, retain: false }
    this.#broker.deliver(message)
    if (twice === qos) this.#broker.deliver(message)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#onClose()
  }
}

const matches = (filter: string, topic: string): boolean =>
  new RegExp(`^${filter.replaceAll('+', '[^/]+').replaceAll('#', '.*')}$`).test(topic)
