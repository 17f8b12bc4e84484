/** One child process and its whole life: started, watched, started again with backoff, stopped. */
import { type ChildProcess, fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Part, PartState } from '@hawser/admin'
import { type Clock, type Milliseconds, milliseconds } from '@hawser/std'
import { Logger, type LogSink } from '../logging/logger.ts'
import { errorOf, type FailureReport, type FromChild, type ToChild } from './messages.ts'
import { Watchdog, watchdogLimits } from './watchdog.ts'

export interface PartSpec {
  readonly name: string
  /** The module that the child runs; it calls `runChild`. */
  readonly module: URL
  readonly task: unknown
  /** Parts of a higher tier are started later and stopped sooner; without a part of tier 0 there is no start. */
  readonly tier: number
  /** It is killed, and started again, when it does not answer any more. */
  readonly watched?: boolean
}

export interface PartOptions {
  readonly clock: Clock
  readonly log: LogSink
  onChange(): void
  onStopAll(): void
}

export const restartLimits = {
  backoffMsMin: 500,
  backoffMsMax: 30_000,
  /** Having run this long, it starts again at the shortest wait. */
  steadyMs: 60_000,
}

export class SupervisedPart {
  readonly spec: PartSpec
  readonly #options: PartOptions
  readonly #logger: Logger
  readonly #firstReady = Promise.withResolvers<void>()
  #child: ChildProcess | undefined
  #state: PartState = 'stopped'
  #sinceMs = 0
  #restarts = 0
  #failuresInRow = 0
  #lastExit: string | null = null
  #failure: FailureReport | undefined
  #restart: Disposable | undefined
  #watchdog: Watchdog | undefined
  #wasReady = false
  #stopping = false

  constructor(spec: PartSpec, options: PartOptions) {
    this.spec = spec
    this.#options = options
    this.#logger = new Logger(spec.name, options.clock, options.log)
    // Only who starts it for the first time looks at this; later failures are restarted.
    this.#firstReady.promise.catch(() => {})
  }

  /** Resolves when it was ready for the first time; of tier 0, rejects with its own error if it ended before that. */
  get firstReady(): Promise<void> {
    return this.#firstReady.promise
  }

  start(): void {
    this.#become('starting')
    this.#failure = undefined
    const child = fork(this.spec.module, [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#child = child
    child.on('message', (message: FromChild) => this.#onMessage(message))
    child.on('error', (error) => this.#logger.error(`cannot be started: ${error.message}`))
    child.on('exit', (code, signal) => this.#onExit(code, signal))
    this.#logLines(child.stdout, 'info')
    this.#logLines(child.stderr, 'error')
    const { name, task, watched } = this.spec
    child.send({ kind: 'start', name, task } satisfies ToChild, () => {})
    if (watched === true) this.#watchdog = this.#watch(child)
  }

  send(message: ToChild): void {
    if (this.#child?.connected) this.#child.send(message, () => {})
  }

  /** Asks it to end, and ends it after `deadline`. Answers whether it ended by itself. */
  async stop(deadline: Milliseconds): Promise<boolean> {
    this.#stopping = true
    this.#restart?.[Symbol.dispose]()
    this.#watchdog?.[Symbol.dispose]()
    const child = this.#child
    if (child === undefined) {
      this.#become('stopped')
      return true
    }
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    let clean = true
    using _kill = this.#options.clock.after(deadline, () => {
      clean = false
      this.#logger.error(`did not end within ${deadline / 1000} s and was killed`)
      child.kill('SIGKILL')
    })
    child.kill('SIGTERM')
    await exited
    return clean
  }

  snapshot(): Part {
    return {
      name: this.spec.name,
      state: this.#state,
      pid: this.#child?.pid ?? null,
      restarts: this.#restarts,
      sinceMs: this.#sinceMs,
      lastExit: this.#lastExit,
    }
  }

  #onMessage(message: FromChild): void {
    switch (message.kind) {
      case 'ready':
        this.#wasReady = true
        this.#become('running')
        this.#firstReady.resolve()
        return
      case 'alive':
        this.#watchdog?.answered()
        return
      case 'log':
        this.#options.log(message.entry)
        return
      case 'failed':
        this.#failure = message.failure
        return
      case 'stop-all':
        this.#options.onStopAll()
        return
      default:
        throw message satisfies never
    }
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    const ranMs = this.#nowMs() - this.#sinceMs
    const ended = signal === null ? `exit code ${code}` : `signal ${signal}`
    this.#child = undefined
    this.#watchdog?.[Symbol.dispose]()
    this.#lastExit = ended
    if (this.#stopping || (code === 0 && this.#wasReady)) {
      if (!this.#stopping) this.#logger.info('ended by itself')
      this.#become('stopped')
      return
    }
    const failure = this.#failure
    if (!this.#wasReady && this.spec.tier === 0) {
      this.#become('failed')
      this.#firstReady.reject(failure ? errorOf(failure) : new Error(`${this.spec.name} ended with ${ended}`))
      return
    }
    if (this.#state === 'running' && ranMs >= restartLimits.steadyMs) this.#failuresInRow = 0
    this.#restartLater(failure === undefined ? ended : failure.message)
  }

  #watch(child: ChildProcess): Watchdog {
    return new Watchdog({
      clock: this.#options.clock,
      ask: () => this.send({ kind: 'ask' }),
      isReady: () => this.#state === 'running',
      onSilent: () => {
        this.#logger.error(`has not answered ${watchdogLimits.unansweredMax} times in a row and is killed`)
        child.kill('SIGKILL')
      },
    })
  }

  #restartLater(why: string): void {
    const waitMs = Math.min(restartLimits.backoffMsMin * 2 ** this.#failuresInRow, restartLimits.backoffMsMax)
    this.#failuresInRow++
    this.#become('backoff')
    this.#logger.warn(`ended (${why}); starting it again in ${waitMs / 1000} s`)
    this.#restart = this.#options.clock.after(milliseconds(waitMs), () => {
      this.#restarts++
      this.start()
    })
  }

  #become(state: PartState): void {
    this.#state = state
    this.#sinceMs = this.#nowMs()
    this.#options.onChange()
  }

  #nowMs(): number {
    return Math.round(this.#options.clock.wallMicros() / 1000)
  }

  #logLines(stream: Readable | null, level: 'info' | 'error'): void {
    if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#logger[level](line))
  }
}
