/** The topics that the sink writes to: made where they are not there, and not without bound. */
import { isKafkaError } from './client/errors.ts'
import type { KafkaClient, TopicSettings } from './client/kafka-client.ts'

export class Topics {
  readonly #client: KafkaClient
  readonly #settings: TopicSettings
  readonly #madeMax: number
  readonly #known: Set<string>
  #made = 0

  private constructor(client: KafkaClient, settings: TopicSettings, madeMax: number, known: readonly string[]) {
    this.#client = client
    this.#settings = settings
    this.#madeMax = madeMax
    this.#known = new Set(known)
  }

  static async open(
    client: KafkaClient,
    settings: TopicSettings,
    madeMax: number,
    signal: AbortSignal,
  ): Promise<Topics> {
    return new Topics(client, settings, madeMax, await client.topics(signal))
  }

  has(name: string): boolean {
    return this.#known.has(name)
  }

  /** Undefined once it is there; else why it cannot be. */
  async ensure(name: string, signal: AbortSignal): Promise<string | undefined> {
    if (this.#known.has(name)) return undefined
    if (this.#made >= this.#madeMax) {
      return `too-many-topics: ${this.#madeMax} have been made since the connector was opened`
    }
    try {
      if (await this.make(name, this.#settings, signal)) this.#made++
      return undefined
    } catch (error) {
      if (!isKafkaError(error, 'INVALID_TOPIC_EXCEPTION')) throw error
      return `bad-topic: Kafka refuses the name ${name}`
    }
  }

  /** One that no message has named, outside the bound. Answers whether it was made now. */
  async make(name: string, settings: TopicSettings, signal: AbortSignal): Promise<boolean> {
    if (this.#known.has(name)) return false
    const outcome = await this.#client.createTopic(name, settings, signal)
    this.#known.add(name)
    return outcome === 'made'
  }
}
