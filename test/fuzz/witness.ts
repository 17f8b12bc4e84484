/**
 * A well-behaved client on the broker under attack: it sends itself numbered messages at QoS 1 and 2, one after another,
 * and sees whether each comes, once and in order, and how long it takes.
 */
import { type Clock, type Milliseconds, sleep } from '@hawser/std'
import mqtt, { type MqttClient } from 'mqtt'

export class Witness implements AsyncDisposable {
  exchanged = 0
  readonly #latenciesMs: number[] = []
  /** What disturbed it, in words. */
  readonly complaints: string[] = []
  readonly #clock: Clock
  readonly #client: MqttClient
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #arrived: (payload: string | undefined) => void = () => undefined

  private constructor(client: MqttClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
    client.on('message', (_topic, payload) => this.#arrived(String(payload)))
    client.on('close', () => this.#complain('its connection ended'))
    this.#running = this.#run().catch((error) => this.#complain(String(error)))
  }

  static async start(port: number, clock: Clock): Promise<Witness> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
      clientId: 'witness',
      protocolVersion: 5,
      reconnectPeriod: 0,
    })
    await client.subscribeAsync('witness/only', { qos: 2 })
    return new Witness(client, clock)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.#arrived(undefined)
    this.#client.end(true)
    await this.#running
  }

  get latencyMsMax(): number {
    return this.latencyMs(1)
  }

  /** That no more than `1 - quantile` of its round trips exceeded. */
  latencyMs(quantile: number): number {
    const sorted = this.#latenciesMs.toSorted((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const payload = `${this.exchanged}`
      const sentMs = this.#clock.monotonicMs()
      const arrived = this.#nextArrival()
      await this.#client.publishAsync('witness/only', payload, { qos: this.exchanged % 2 === 0 ? 1 : 2 })
      const got = await arrived
      if (got === undefined) return
      if (got !== payload) return this.#complain(`${got} came for ${payload}`)
      this.exchanged++
      this.#latenciesMs.push(this.#clock.monotonicMs() - sentMs)
      await sleep(this.#clock, pauseMs, this.#stop.signal).catch(() => undefined)
    }
  }

  /** Undefined where the run ends first. */
  #nextArrival(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#arrived = (payload) => {
        this.#arrived = (twice) => this.#complain(`${twice ?? 'nothing'} came twice`)
        resolve(payload)
      }
    })
  }

  #complain(what: string): void {
    if (!this.#stop.signal.aborted) this.complaints.push(what)
  }
}

const pauseMs = 10 as Milliseconds
