/** A node that may be broken: a `hawser` process of the run's own, started again whenever it ends. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { type Clock, HawserError, milliseconds, sleep } from '@hawser/std'
import { waitUntil, within } from '../clients/wait-until.ts'
import type { Victim } from './victim.ts'

/** Starts `hawser` with these arguments, its stdout and stderr as pipes, and an IPC channel that ends it with us. */
export type LaunchHawser = (args: readonly string[], env?: Readonly<Record<string, string>>) => ChildProcess

export interface NodeOptions {
  readonly name: string
  /** Of a start at these ports, 0 for any. */
  readonly argsOf: (port: number, webSocketPort: number) => readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const readyMsMax = milliseconds(60_000)
const againMs = milliseconds(200)
const endMsMax = milliseconds(10_000)
/** What it said last is told where it does not start. */
const tailBytesMax = 4096
const ready = /ready: mqtt:\/\/[^\s]*:(\d+) ws:\/\/[^\s]*:(\d+)/

export class ChaosNode implements Victim, AsyncDisposable {
  readonly name: string
  readonly #options: NodeOptions
  readonly #launch: LaunchHawser
  readonly #clock: Clock
  readonly #signal: AbortSignal
  #child: ChildProcess | undefined
  #ports: readonly [mqtt: number, webSocket: number] = [0, 0]
  /** It is to run: it is started again where it ends by itself. */
  #isWanted = false
  #isReady = false

  constructor(options: NodeOptions, launch: LaunchHawser, clock: Clock, signal: AbortSignal) {
    this.name = options.name
    this.#options = options
    this.#launch = launch
    this.#clock = clock
    this.#signal = signal
  }

  get url(): URL {
    return new URL(`mqtt://127.0.0.1:${this.#ports[0]}`)
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Resolves when it takes connections. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#isWanted = true
    try {
      await this.#start(env)
    } catch (error) {
      if (this.#ports[0] === 0) throw error
      // Its port may have been somebody's for a moment: it is tried again, as after any end.
      await this.isUp()
    }
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** In order; killed where that takes too long. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** Resolves when it takes connections, also where it ends meanwhile and is started again. */
  async isUp(): Promise<void> {
    if (await waitUntil(this.#clock, readyMsMax, this.#signal, () => this.#isReady)) return
    throw this.#notStarted(`it has not been ready for ${readyMsMax / 1000} s`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isWanted = false
    const child = this.#child
    if (child === undefined) return
    // What is frozen hears nothing else.
    child.kill('SIGCONT')
    child.kill('SIGKILL')
    await ended(child)
  }

  async #start(env: Readonly<Record<string, string>>): Promise<void> {
    const [port, webSocketPort] = this.#ports
    const child = this.#launch(this.#options.argsOf(port, webSocketPort), { ...this.#options.env, ...env })
    this.#child = child
    let said = ''
    const heard = new Promise<RegExpExecArray>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding('utf8').on('data', (text: string) => {
          said = (said + text).slice(-tailBytesMax)
          const match = ready.exec(said)
          if (match !== null) resolve(match)
        })
      }
      child.once('exit', (code, signal) => {
        if (this.#child === child) {
          this.#child = undefined
          this.#isReady = false
        }
        reject(this.#notStarted(`it ended (${signal ?? code}): ${said.trim().split('\n').at(-1) ?? ''}`))
        this.#again()
      })
      child.once('error', (cause) => reject(this.#notStarted(cause.message)))
    })
    heard.catch(() => undefined)
    const late = () => this.#notStarted(`it has not said that it is ready within ${readyMsMax / 1000} s`)
    const [, mqtt, webSocket] = await within(this.#clock, readyMsMax, this.#signal, heard, late)
    this.#ports = [Number(mqtt), Number(webSocket)]
    this.#isReady = this.#child === child
  }

  /** As systemd does with Restart=on-failure: a node that finds itself fenced ends. */
  #again(): void {
    // One that has never been ready is not to be believed in.
    if (!this.#isWanted || this.#signal.aborted || this.#ports[0] === 0) return
    const restart = async (): Promise<void> => {
      await sleep(this.#clock, againMs, this.#signal)
      if (this.#isWanted && this.#child === undefined) await this.#start({})
    }
    // Where it fails it has ended, and this comes again.
    restart().catch(() => undefined)
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#isWanted = false
    const child = this.#child
    if (child === undefined) return
    this.#isReady = false
    child.kill(signal)
    using _late = this.#clock.after(endMsMax, () => child.kill('SIGKILL'))
    await ended(child)
  }

  #notStarted(why: string): HawserError {
    return new HawserError('BROKER_UNREACHABLE', `${this.name} does not start: ${why}`)
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
