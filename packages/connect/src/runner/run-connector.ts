/**
 * Runs one connector until its signal aborts: opens the sink, reads what matches from the log, hands it over batch by
 * batch and in order, and moves the cursor when the sink has said yes. Whatever goes wrong ends in opening the sink
 * again and going on where its checkpoint stands: at once after a backoff, or when somebody resumes it.
 */
import type { Cursor, MessageLog } from '@hawser/engine'
import { type Clock, HawserError, type Random, sleep } from '@hawser/std'
import type { Connector } from '../connector.ts'
import { backoffMs } from './backoff.ts'
import { Bell } from './bell.ts'
import { Figures } from './figures.ts'
import { defaultRunnerLimits, type RunnerLimits } from './limits.ts'
import { pump } from './pump.ts'
import { SinkCursor } from './sink-cursor.ts'
import type { ConnectorState, ConnectorView } from './view.ts'

export interface RunConnectorOptions {
  readonly log: MessageLog
  readonly connector: Connector
  readonly clock: Clock
  readonly random: Random
  /** Stops the run: the batch under way is finished, or given up after `drainMsMax`. */
  readonly signal: AbortSignal
  readonly limits?: Partial<RunnerLimits>
  /** Called after each batch and each change of state. */
  readonly onChange?: (view: ConnectorView) => void
}

export interface ConnectorRun extends AsyncDisposable {
  view(): ConnectorView
  /** What the sink has made durable: the log may forget what lies below. Empty until the sink has told it. */
  floor(): Cursor
  pause(): void
  /** Goes on after a pause or a failure. */
  resume(): void
  /** Resolves once everything is stopped and the sink is closed; never rejects. */
  readonly done: Promise<void>
}

export const runConnector = (options: RunConnectorOptions): ConnectorRun => new Run(options)

type Phase =
  | { readonly kind: 'starting' | 'open' | 'retrying' | 'stopped' }
  | { readonly kind: 'failed'; readonly reason: string }

class Run implements ConnectorRun {
  readonly done: Promise<void>
  readonly #options: RunConnectorOptions
  readonly #limits: RunnerLimits
  readonly #figures: Figures
  readonly #stop = new AbortController()
  /** Aborts what does not end by itself after the stop. */
  readonly #giveUp = new AbortController()
  readonly #bell = new Bell()
  #phase: Phase = { kind: 'starting' }
  #paused = false
  #cursor: SinkCursor | undefined
  #failedAttempts = 0

  constructor(options: RunConnectorOptions) {
    this.#options = options
    this.#limits = { ...defaultRunnerLimits, ...options.connector.limits, ...options.limits }
    this.#figures = new Figures(options.clock)
    this.done = this.#supervise()
  }

  view(): ConnectorView {
    const { connector, log } = this.#options
    const { written, duplicates, deadLetters, rate, lastError } = this.#figures
    const lag = this.#figures.lag(log, this.#cursor)
    const state = this.#state(lag)
    const bytesPerSecond = Math.round(rate.perSecond)
    const { name, kind } = connector
    return { name, kind, state, lag, written, duplicates, deadLetters, bytesPerSecond, lastError }
  }

  floor(): Cursor {
    return new Map(this.#cursor?.durable)
  }

  pause(): void {
    this.#paused = true
    this.#changed()
  }

  resume(): void {
    this.#paused = false
    if (this.#phase.kind === 'failed') this.#phase = { kind: 'retrying' }
    this.#bell.ring()
    this.#changed()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.done
  }

  #state(lag: ConnectorView['lag']): ConnectorState {
    const phase = this.#phase
    if (phase.kind === 'failed') return { kind: 'failed', reason: phase.reason }
    if (phase.kind === 'stopped') return { kind: 'stopped' }
    if (this.#paused) return { kind: 'paused' }
    if (phase.kind === 'starting') return { kind: 'starting' }
    const { lagMessagesMax, lagSecondsMax } = this.#limits
    const behind = lag.messages > lagMessagesMax || lag.seconds > lagSecondsMax
    return behind || phase.kind === 'retrying' ? { kind: 'lagging', ...lag } : { kind: 'running' }
  }

  async #supervise(): Promise<void> {
    const { log, signal, clock } = this.#options
    const onAbort = (): void => this.#stop.abort(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    let drain: Disposable | undefined
    this.#stop.signal.addEventListener('abort', () => {
      this.#bell.ring()
      drain = clock.after(this.#limits.drainMsMax, () => this.#giveUp.abort())
    })
    using _arrivals = log.onCommit(() => {
      this.#figures.arrived()
      this.#bell.ring()
    })
    while (!this.#stop.signal.aborted) await this.#attempt()
    drain?.[Symbol.dispose]()
    signal.removeEventListener('abort', onAbort)
    this.#enter({ kind: 'stopped' })
  }

  /** One sink's life, from its opening to the stop or the first error; and the wait after an error. */
  async #attempt(): Promise<void> {
    try {
      await this.#unlessPaused()
      if (this.#stop.signal.aborted) return
      await this.#runSink()
    } catch (error) {
      if (this.#stop.signal.aborted) return this.#noteUnlessAborted(error)
      await this.#afterError(error)
    }
  }

  async #runSink(): Promise<void> {
    const { log, connector, clock } = this.#options
    await using sink = await connector.open(log.id, this.#giveUp.signal)
    const cursor = new SinkCursor(log, connector, sink.checkpoint)
    this.#cursor = cursor
    this.#enter({ kind: 'open' })
    await pump({
      log,
      connector,
      clock,
      sink,
      cursor,
      limits: this.#limits,
      figures: this.#figures,
      bell: this.#bell,
      stop: this.#stop.signal,
      giveUp: this.#giveUp.signal,
      unlessPaused: () => this.#unlessPaused(),
      onProgress: () => {
        this.#failedAttempts = 0
        this.#changed()
      },
    })
  }

  async #afterError(error: unknown): Promise<void> {
    const { clock, random } = this.#options
    this.#figures.lastError = errorLine(error)
    if (!(error instanceof HawserError) || !error.retryable) {
      this.#enter({ kind: 'failed', reason: errorLine(error) })
      while (this.#phase.kind === 'failed' && !this.#stop.signal.aborted) await this.#bell.wait()
      return
    }
    this.#enter({ kind: 'retrying' })
    const delay = backoffMs(this.#failedAttempts++, random, this.#limits)
    await sleep(clock, delay, this.#stop.signal).catch(() => {})
  }

  /** An error of the stop's own making is none. */
  #noteUnlessAborted(error: unknown): void {
    if (!this.#giveUp.signal.aborted && !isAbort(error)) this.#figures.lastError = errorLine(error)
  }

  async #unlessPaused(): Promise<void> {
    while (this.#paused && !this.#stop.signal.aborted) await this.#bell.wait()
  }

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#changed()
  }

  #changed(): void {
    this.#options.onChange?.(this.view())
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'
const errorLine = (error: unknown): string =>
  error instanceof HawserError ? error.line : error instanceof Error ? error.message : String(error)
