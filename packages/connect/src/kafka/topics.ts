/** The topics that the sink writes to: made where they are not there, and not without bound. */
import type { StateStore } from '@hawser/engine'
import { isKafkaError } from './client/errors.ts'
import type { KafkaClient, TopicSettings } from './client/kafka-client.ts'
import { MadeTopics } from './made-topics.ts'

export interface TopicsOptions {
  readonly client: KafkaClient
  readonly settings: TopicSettings
  readonly madeMax: number
  /** Where it is kept what this connector has made. */
  readonly state: StateStore
  readonly connector: string
}

export class Topics {
  readonly #options: TopicsOptions
  readonly #known: Set<string>
  readonly #made: MadeTopics

  private constructor(options: TopicsOptions, known: Set<string>, made: MadeTopics) {
    this.#options = options
    this.#known = known
    this.#made = made
  }

  static async open(options: TopicsOptions, signal: AbortSignal): Promise<Topics> {
    const known = new Set(await options.client.topics(signal))
    return new Topics(options, known, await MadeTopics.open(options.state, options.connector, known))
  }

  has(name: string): boolean {
    return this.#known.has(name)
  }

  /** Undefined once it is there; else why it cannot be. */
  async ensure(name: string, signal: AbortSignal): Promise<string | undefined> {
    if (this.#known.has(name)) return undefined
    const { settings, madeMax } = this.#options
    if (this.#made.size >= madeMax) return `too-many-topics: the connector has made ${madeMax}`
    await this.#made.add(name)
    try {
      if (!(await this.make(name, settings, signal))) await this.#made.remove(name)
      return undefined
    } catch (error) {
      if (!isKafkaError(error, 'INVALID_TOPIC_EXCEPTION')) throw error
      await this.#made.remove(name)
      return `bad-topic: Kafka refuses the name ${name}`
    }
  }

  /** One that no message has named, outside the bound. Answers whether it was made now. */
  async make(name: string, settings: TopicSettings, signal: AbortSignal): Promise<boolean> {
    if (this.#known.has(name)) return false
    const outcome = await this.#options.client.createTopic(name, settings, signal)
    this.#known.add(name)
    return outcome === 'made'
  }
}
