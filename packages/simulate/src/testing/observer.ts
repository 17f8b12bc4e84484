/** A client beside the one under test, that sees what a subscriber sees. */
import { EventEmitter, once } from 'node:events'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'

export interface Seen {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
}

export class Observer implements AsyncDisposable {
  readonly seen: Seen[] = []
  readonly client: MqttClient
  readonly #noted = new EventEmitter()

  private constructor(client: MqttClient) {
    this.client = client
    client.on('message', (topic, payload, { retain }) => {
      this.seen.push({ topic, payload: payload.toString(), retain })
      this.#noted.emit('seen')
    })
  }

  static async open(url: string, filter: string, options: IClientOptions = {}): Promise<Observer> {
    const client = await connectAsync(url, { protocolVersion: 5, ...options })
    const observer = new Observer(client)
    await client.subscribeAsync(filter, { qos: 2 })
    return observer
  }

  /** Resolves to what was seen once that satisfies the condition. */
  async until(condition: (seen: readonly Seen[]) => boolean): Promise<readonly Seen[]> {
    while (!condition(this.seen)) await once(this.#noted, 'seen')
    return this.seen
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.endAsync(true)
  }
}
