/** What a script has: the broker under test, ways to reach it, and a record of each answer under a name. */
import net from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { createWebSocketStream, WebSocket } from 'ws'
import { type BrokerName, type Placed, type RunningBroker, startBroker } from './broker-process.ts'
import { type ConnectOptions, WireClient } from './wire-client.ts'

/** By name of the question. */
export type Answers = Readonly<Record<string, string | readonly string[]>>

export interface Script {
  /** The folder below `configurations/`. */
  readonly name: string
  /** What must lie beside the configuration before a broker starts on it. */
  prepare?(placed: Placed): Promise<void>
  run(world: World): Promise<void>
}

export class World implements AsyncDisposable {
  readonly placed: Placed
  readonly #broker: BrokerName
  readonly #answers: Record<string, string | readonly string[]> = {}
  readonly #streams: Duplex[] = []
  #running: RunningBroker | undefined

  constructor(broker: BrokerName, placed: Placed) {
    this.#broker = broker
    this.placed = placed
  }

  get answers(): Answers {
    return this.#answers
  }

  async start(): Promise<void> {
    this.#running = await startBroker(this.#broker, this.placed.file)
  }

  async restart(): Promise<void> {
    await this.#running?.stop()
    await this.start()
  }

  record(question: string, answer: string | readonly string[]): void {
    if (question in this.#answers) throw new Error(`${question} was asked before`)
    this.#answers[question] = answer
  }

  tcp(options: ConnectOptions = {}, door: 0 | 1 = 0): WireClient {
    return this.#connect(net.connect({ host: '127.0.0.1', port: this.placed.ports[door] ?? 0 }), options)
  }

  unix(path: string, options: ConnectOptions = {}): WireClient {
    return this.#connect(net.connect({ path }), options)
  }

  tls(secrets: Pick<tls.ConnectionOptions, 'ca' | 'cert' | 'key'>, options: ConnectOptions = {}): WireClient {
    const stream = tls.connect({
      host: '127.0.0.1',
      port: this.placed.ports[0] ?? 0,
      servername: 'localhost',
      ...secrets,
    })
    return this.#connect(stream, options)
  }

  webSocket(protocol: string, options: ConnectOptions = {}): WireClient {
    const socket = new WebSocket(`ws://127.0.0.1:${this.placed.ports[0]}/`, protocol)
    return this.#connect(createWebSocketStream(socket), options)
  }

  /** A client that must get in: the script is about what comes after. */
  async in(options: ConnectOptions = {}, door: 0 | 1 = 0): Promise<WireClient> {
    const client = this.tcp(options, door)
    const answer = await client.connected()
    if (!answer.startsWith('CONNACK 0x00')) throw new Error(`${options.clientId} did not get in: ${answer}`)
    return client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) stream.destroy()
    await this.#running?.stop()
  }

  /** Each under a client id of its own: to ours a session belongs to who began it. */
  #connect(stream: Duplex, options: ConnectOptions): WireClient {
    this.#streams.push(stream)
    return WireClient.connect(stream, { clientId: `client-${this.#streams.length}`, ...options })
  }
}
