/**
 * Which topics a connector has made, over its restarts: rows of Hawser's own state, written before the topic is made,
 * so that no crash forgets one. One that is not in Kafka any more does not count.
 */
import type { StateStore } from '@hawser/engine'

const table = 'connector-kafka-topic'
const nothing = Buffer.alloc(0)

export class MadeTopics {
  readonly #state: StateStore
  readonly #connector: string
  readonly #names: Set<string>

  private constructor(state: StateStore, connector: string, names: Set<string>) {
    this.#state = state
    this.#connector = connector
    this.#names = names
  }

  static async open(state: StateStore, connector: string, inKafka: ReadonlySet<string>): Promise<MadeTopics> {
    const prefix = `${connector}/`
    const names = new Set<string>()
    const gone: string[] = []
    for await (const { key } of state.scan(table, prefix)) {
      if (!key.startsWith(prefix)) break
      const name = key.slice(prefix.length)
      if (inKafka.has(name)) names.add(name)
      else gone.push(key)
    }
    if (gone.length > 0) await state.write(gone.map((key) => ({ table, key, value: null })))
    return new MadeTopics(state, connector, names)
  }

  get size(): number {
    return this.#names.size
  }

  async add(name: string): Promise<void> {
    this.#names.add(name)
    await this.#state.write([{ table, key: `${this.#connector}/${name}`, value: nothing }])
  }

  async remove(name: string): Promise<void> {
    await this.#state.write([{ table, key: `${this.#connector}/${name}`, value: null }])
    this.#names.delete(name)
  }
}
