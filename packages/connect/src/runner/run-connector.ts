/**
 * Runs one connector until its signal aborts: opens the sink, reads what matches from the log, hands it over batch by
 * batch and in order, and moves the cursor when the sink has said yes. Whatever goes wrong ends in opening the sink
 * again and going on where its checkpoint stands: at once after a backoff, or when somebody resumes it.
 */
import type { Cursor, MessageLog, Partition } from '@hawser/engine'
import { type Clock, disposable, epochMicros, HawserError, milliseconds, type Random, sleep } from '@hawser/std'
import type { Connector, DeadLetter, DeadLetters, Sink } from '../connector.ts'
import { Backlog } from './backlog.ts'
import { backoffMs } from './backoff.ts'
import { Bell } from './bell.ts'
import { type DryRun, dryRun } from './dry-run.ts'
import { errorLine } from './error-line.ts'
import { Figures } from './figures.ts'
import { defaultRunnerLimits, type RunnerLimits } from './limits.ts'
import { pump } from './pump.ts'
import { type ReplayOutcome, replayDeadLetters } from './replay.ts'
import { resolveSeek, type SeekTarget } from './seek.ts'
import { SinkCursor } from './sink-cursor.ts'
import type { ConnectorStatistics } from './statistics/statistics.ts'
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
  /** What an operator must hear of: a backlog past its bound, lost records, a failure. */
  readonly onNotice?: (line: string) => void
}

export interface ConnectorRun extends AsyncDisposable {
  view(): ConnectorView
  /** Sorts what it has kept: for who looks, not for each batch. */
  statistics(): ConnectorStatistics
  /** What lies below the log may forget. Empty, which holds everything, until the sink has told where it stands. */
  floor(): Cursor
  pause(): void
  /** Goes on after a pause or a failure. */
  resume(): void
  /**
   * Moves its place, at once or when the sink answers again; a failed one goes on there. Rejects where the log has no
   * such place, or the connector's place may not be moved.
   */
  seek(target: SeekTarget): Promise<void>
  /** Rejects with `SINK_UNAVAILABLE` while the sink is not open. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>
  replay(): Promise<ReplayOutcome>
  /** Rejects with `SINK_UNAVAILABLE` until the sink has told where it stands. */
  dryRun(limit: number): Promise<DryRun>
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
  readonly #backlog: Backlog
  readonly #stop = new AbortController()
  /** Aborts what does not end by itself after the stop. */
  readonly #giveUp = new AbortController()
  readonly #bell = new Bell()
  #phase: Phase = { kind: 'starting' }
  #paused = false
  #cursor: SinkCursor | undefined
  #sink: Sink | undefined
  #seek: Cursor | undefined
  /** Ends the life of the sink that is open, not the run. */
  #again = new AbortController()
  #failedAttempts = 0

  constructor(options: RunConnectorOptions) {
    this.#options = options
    this.#limits = { ...defaultRunnerLimits, ...options.connector.limits, ...options.limits }
    this.#figures = new Figures(options.clock, this.#limits.backlogBytesMax)
    this.#backlog = new Backlog(options.connector, this.#limits, (line) => options.onNotice?.(line))
    this.done = this.#supervise()
  }

  view(): ConnectorView {
    const { connector, log } = this.#options
    const { written, duplicates, deadLetters, dropped, lost, lastError } = this.#figures
    const lag = this.#figures.lag(log, this.#cursor)
    const state = this.#state(lag)
    const { name, kind } = connector
    return { name, kind, state, lag, written, duplicates, deadLetters, dropped, lost, lastError }
  }

  statistics(): ConnectorStatistics {
    return this.#figures.statistics.view()
  }

  floor(): Cursor {
    const { log } = this.#options
    return this.#backlog.floor(log, this.#cursor?.durable, this.#figures.lag(log, this.#cursor))
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

  async seek(target: SeekTarget): Promise<void> {
    const { log, connector } = this.#options
    if (connector.seekable === false) {
      throw new HawserError('USAGE', `the place of ${connector.name} cannot be moved: its rows depend on all before`)
    }
    this.#seek = await resolveSeek(log, target, this.#stop.signal)
    if (this.#phase.kind === 'failed') this.#phase = { kind: 'retrying' }
    this.#again.abort()
    this.#bell.ring()
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    return (await this.#deadLetters()?.list(limit, this.#giveUp.signal)) ?? []
  }

  async replay(): Promise<ReplayOutcome> {
    const box = this.#deadLetters()
    if (box === undefined) return { written: 0, refused: 0, gone: 0 }
    return replayDeadLetters(this.#options.log, box, this.#giveUp.signal)
  }

  async dryRun(limit: number): Promise<DryRun> {
    const { log, connector } = this.#options
    if (this.#cursor === undefined) throw this.#notOpen()
    return dryRun(log, connector, this.#cursor, limit, this.#stop.signal)
  }

  #deadLetters(): DeadLetters | undefined {
    if (this.#sink !== undefined) return this.#sink.deadLetters
    throw this.#notOpen()
  }

  #notOpen(): HawserError {
    const message = `the sink of ${this.#options.connector.name} is not open`
    return new HawserError('SINK_UNAVAILABLE', message, { retryable: true })
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
    const isRetrying = phase.kind === 'retrying'
    return behind || isRetrying ? { kind: 'lagging', isRetrying, ...lag } : { kind: 'running' }
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
      this.#backlog.look(this.#figures.lag(log, this.#cursor))
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
    this.#again = new AbortController()
    await using sink = await connector.open(log.id, this.#giveUp.signal)
    const seek = this.#seek
    const cursor = new SinkCursor(log, connector, sink.checkpoint, this.#onLost, seek !== undefined)
    this.#cursor = cursor
    if (seek !== undefined) await this.#move(sink, cursor, seek)
    this.#enter({ kind: 'open' })
    this.#sink = sink
    using _closed = disposable(() => {
      this.#sink = undefined
    })
    await pump({
      log,
      connector,
      clock,
      sink,
      cursor,
      limits: this.#limits,
      figures: this.#figures,
      bell: this.#bell,
      stop: AbortSignal.any([this.#stop.signal, this.#again.signal]),
      giveUp: this.#giveUp.signal,
      unlessPaused: () => this.#unlessPaused(),
      onProgress: () => {
        this.#failedAttempts = 0
        this.#changed()
      },
    })
  }

  /** The sink's cursor is moved as by a batch without messages. */
  async #move(sink: Sink, cursor: SinkCursor, seek: Cursor): Promise<void> {
    for (const [partition, until] of seek) {
      const from = cursor.durable.get(partition)
      const batch = { partition, from, until, messages: [], seenUntil: epochMicros(0) }
      await sink.write(batch, this.#giveUp.signal)
      cursor.committed(partition, until)
    }
    if (this.#seek === seek) this.#seek = undefined
  }

  readonly #onLost = (partition: Partition, records: number): void => {
    const { connector, onNotice } = this.#options
    this.#figures.lost += records
    onNotice?.(`${connector.name} lost ${records} records of partition ${partition}: the log had forgotten them`)
  }

  async #afterError(error: unknown): Promise<void> {
    const { clock, random, onNotice, connector } = this.#options
    this.#figures.failed(error)
    if (!this.#mayTryAgain(error)) {
      onNotice?.(`${connector.name} has failed: ${errorLine(error)}`)
      this.#enter({ kind: 'failed', reason: errorLine(error) })
      while (this.#phase.kind === 'failed' && !this.#stop.signal.aborted) await this.#bell.wait()
      return
    }
    this.#figures.statistics.retry()
    this.#enter({ kind: 'retrying' })
    const backoff = backoffMs(this.#failedAttempts++, random, this.#limits)
    const asked = error instanceof HawserError ? (error.retryAfterMs ?? 0) : 0
    await sleep(clock, milliseconds(Math.max(backoff, asked)), this.#stop.signal).catch(() => {})
  }

  /** Of what the log forgot while it was read, the next attempt knows. */
  #mayTryAgain(error: unknown): boolean {
    if (!(error instanceof HawserError)) return false
    return error.retryable || (error.code === 'POSITION_GONE' && this.#options.connector.pastBacklog === 'skip')
  }

  /** An error of the stop's own making is none. */
  #noteUnlessAborted(error: unknown): void {
    if (!this.#giveUp.signal.aborted && !isAbort(error)) this.#figures.failed(error)
  }

  async #unlessPaused(): Promise<void> {
    while (this.#paused && this.#seek === undefined && !this.#stop.signal.aborted) await this.#bell.wait()
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
