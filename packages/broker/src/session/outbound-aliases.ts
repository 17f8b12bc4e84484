/**
 * Topic aliases towards one client: the first topics it gets keep them for the connection, and none is above its
 * maximum. [MQTT-3.1.2-26] [MQTT-3.3.2-8] [MQTT-3.3.2-11]
 */
import type { PublishDelivery } from '@hawser/codec'
import type { Route } from '../router/route.ts'

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

export class OutboundAliases {
  readonly #byTopic = new Map<string, number>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  /** Gives the delivery an alias, and leaves the topic away where the client knows it already. */
  choose(route: Route, delivery: Pick<Mutable<PublishDelivery>, 'topicAlias' | 'topicOmitted'>): void {
    const known = this.#byTopic.get(route.topic)
    if (known !== undefined) {
      delivery.topicAlias = known
      delivery.topicOmitted = true
    } else if (this.#byTopic.size < this.#max) {
      delivery.topicAlias = this.#byTopic.size + 1
      this.#byTopic.set(route.topic, delivery.topicAlias)
    }
  }

  /** The packet that introduced the topic's alias was not sent. */
  forget(route: Route, alias: number): void {
    if (this.#byTopic.get(route.topic) === alias && alias === this.#byTopic.size) this.#byTopic.delete(route.topic)
  }
}
