/** One independent client: a process that is told what to do and tells what it saw, a JSON object a line. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export type Version = 4 | 5
export type Transport = 'tcp' | 'tls' | 'ws'

export interface ConnectTold {
  readonly host: string
  readonly port: number
  readonly transport: Transport
  readonly ca?: string
  readonly version: Version
  readonly clientId: string
  readonly clean: boolean
  readonly expirySeconds?: number
  readonly receiveMaximum?: number
  readonly will?: { readonly topic: string; readonly payload: string; readonly qos: 0 | 1; readonly retain: boolean }
}

export interface PeerMessage {
  readonly topic: string
  readonly payload: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

type Answer = Readonly<Record<string, unknown>> & { readonly is: string }

export interface PeerCommand {
  readonly program: string
  readonly args: readonly string[]
}

export class Peer implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #answers: Answer[] = []
  readonly #messages: PeerMessage[] = []
  readonly #ended: Promise<void>
  #over = false
  #stderr = ''
  #changed = (): void => undefined

  constructor({ program, args }: PeerCommand) {
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const { stdin, stdout, stderr } = this.#process
    assert.ok(stdin !== null && stdout !== null && stderr !== null)
    stdin.on('error', () => undefined)
    stderr.on('data', (bytes: Buffer) => {
      this.#stderr += bytes.toString()
    })
    createInterface({ input: stdout }).on('line', (line) => this.#take(JSON.parse(line) as Answer))
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#stderr += error.message
      })
      this.#process.once('close', () => {
        this.#over = true
        this.#changed()
        resolve()
      })
    })
  }

  /** Answers whether a session was there. */
  async connect(told: ConnectTold): Promise<boolean> {
    this.#tell('connect', told)
    return (await this.#answer('connected'))['sessionPresent'] === true
  }

  async subscribe(filter: string, qos: 0 | 1 | 2): Promise<void> {
    this.#tell('subscribe', { filter, qos })
    await this.#answer('subscribed')
  }

  /** Resolves when all are acknowledged; with `count` 0 one empty message is sent. */
  async publish(topic: string, qos: 0 | 1 | 2, count: number, prefix = '', retain = false): Promise<void> {
    this.#tell('publish', { topic, prefix, count, qos, retain })
    await this.#answer('published')
  }

  async disconnect(): Promise<void> {
    this.#tell('disconnect', {})
    await this.#answer('disconnected')
    await this.#ended
  }

  /** As a device does that loses its power. */
  async vanish(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#ended
  }

  /** The next messages in the order in which they came; what comes later stays. */
  async messages(count: number): Promise<readonly PeerMessage[]> {
    await this.#until(() => this.#messages.length >= count, `${count} messages, ${this.#messages.length} came`)
    return this.#messages.splice(0, count)
  }

  /** What has come and was not asked for. */
  get waiting(): number {
    return this.#messages.length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.vanish()
  }

  #tell(action: string, told: object): void {
    this.#process.stdin?.write(`${JSON.stringify({ do: action, ...told })}\n`)
  }

  async #answer(is: string): Promise<Answer> {
    await this.#until(() => this.#answers.length > 0, is)
    const answer = this.#answers.shift()
    assert.equal(answer?.is, is, `${JSON.stringify(answer)} ${this.#stderr}`)
    return answer as Answer
  }

  async #until(done: () => boolean, what: string): Promise<void> {
    while (!done()) {
      if (this.#over) throw new Error(`the client ended while it was waited for ${what}: ${this.#stderr}`)
      await new Promise<void>((resolve) => {
        this.#changed = resolve
      })
    }
  }

  #take(answer: Answer): void {
    const { is, ...message } = answer
    if (is === 'message') this.#messages.push(message as unknown as PeerMessage)
    else this.#answers.push(answer)
    this.#changed()
  }
}
