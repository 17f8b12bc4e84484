/**
 * Runs one source until its signal aborts. Whatever goes wrong ends in running it again, from where its origin has been
 * told that we are: after a backoff, or when somebody resumes it.
 */
import type { MessageLog } from '@hawser/engine'
import { type Clock, HawserError, milliseconds, type Random, sleep } from '@hawser/std'
import { backoffMs } from '../runner/backoff.ts'
import { Bell } from '../runner/bell.ts'
import { errorLine } from '../runner/error-line.ts'
import { defaultRunnerLimits, type RunnerLimits } from '../runner/limits.ts'
import { type ConnectorStatistics, Statistics } from '../runner/statistics/statistics.ts'
import type { ConnectorState, ConnectorView } from '../runner/view.ts'
import { type IntakeFigures, LogIntake, type PublishToLog } from './log-intake.ts'
import { type RecentBounds, RecentIds } from './recent-ids.ts'
import type { Intake, Source } from './source.ts'

export interface RunSourceOptions {
  readonly log: MessageLog
  readonly publish: PublishToLog
  readonly source: Source
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
  readonly limits?: Partial<SourceLimits>
  /** Called after each change of state. */
  readonly onChange?: (view: ConnectorView) => void
  /** What an operator must hear of. */
  readonly onNotice?: (line: string) => void
}

/** Among the newest event ids it is looked for what comes again. */
export interface SourceLimits extends Pick<RunnerLimits, 'backoffMsMin' | 'backoffMsMax'>, RecentBounds {}

export const defaultSourceLimits: SourceLimits = {
  backoffMsMin: defaultRunnerLimits.backoffMsMin,
  backoffMsMax: defaultRunnerLimits.backoffMsMax,
  recentIdsMax: 100_000,
  recentMs: milliseconds(300_000),
}

export interface SourceRun extends AsyncDisposable {
  /** In the words of a connector: `written` is what the log has taken, `deadLetters` what it never will. */
  view(): ConnectorView
  statistics(): ConnectorStatistics
  /** Holds it where it is: the origin keeps what comes meanwhile, as far as it does. */
  pause(): void
  /** Goes on after a pause or a failure. */
  resume(): void
  /** Resolves once everything is stopped; never rejects. */
  readonly done: Promise<void>
}

export const runSource = (options: RunSourceOptions): SourceRun => new Run(options)

type Phase =
  | { readonly kind: 'starting' | 'running' | 'retrying' | 'paused' | 'stopped' }
  | { readonly kind: 'failed'; readonly reason: string }

const noLag = { messages: 0, bytes: 0, seconds: 0, backlogShare: 0 } as const

class Run implements SourceRun {
  readonly done: Promise<void>
  readonly #options: RunSourceOptions
  readonly #limits: SourceLimits
  readonly #figures: IntakeFigures
  readonly #stop = new AbortController()
  readonly #bell = new Bell()
  #phase: Phase = { kind: 'starting' }
  #paused = false
  /** Ends what runs, not the run. */
  #again = new AbortController()
  #failedAttempts = 0
  #lastError: string | undefined

  constructor(options: RunSourceOptions) {
    this.#options = options
    this.#limits = { ...defaultSourceLimits, ...options.limits }
    this.#figures = { taken: 0, duplicates: 0, refused: 0, statistics: new Statistics(options.clock) }
    this.done = this.#supervise()
  }

  view(): ConnectorView {
    const { name, kind } = this.#options.source
    const { taken, duplicates, refused } = this.#figures
    return {
      ...{ name, kind, state: stateOf(this.#phase), lag: noLag },
      ...{ written: taken, duplicates, deadLetters: refused, dropped: 0, lost: 0 },
      lastError: this.#lastError,
    }
  }

  statistics(): ConnectorStatistics {
    return this.#figures.statistics.view()
  }

  pause(): void {
    this.#paused = true
    this.#again.abort()
  }

  resume(): void {
    this.#paused = false
    if (this.#phase.kind === 'failed') this.#enter({ kind: 'retrying' })
    this.#bell.ring()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.done
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#options
    const onAbort = (): void => this.#stop.abort(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    this.#stop.signal.addEventListener('abort', () => this.#bell.ring())
    while (!this.#stop.signal.aborted) await this.#attempt()
    signal.removeEventListener('abort', onAbort)
    this.#enter({ kind: 'stopped' })
  }

  async #attempt(): Promise<void> {
    try {
      while (this.#paused && !this.#stop.signal.aborted) {
        this.#enter({ kind: 'paused' })
        await this.#bell.wait()
      }
      if (!this.#stop.signal.aborted) await this.#runOnce()
    } catch (error) {
      if (!this.#stop.signal.aborted && !this.#again.signal.aborted) await this.#afterError(error)
    }
  }

  async #runOnce(): Promise<void> {
    const { source } = this.#options
    this.#again = new AbortController()
    const signal = AbortSignal.any([this.#stop.signal, this.#again.signal])
    const intake = await this.#intake(signal)
    const opened = (): void => {
      this.#failedAttempts = 0
      this.#enter({ kind: 'running' })
    }
    await source.run({ intake, signal, opened })
  }

  async #intake(signal: AbortSignal): Promise<Intake> {
    const { log, publish, source, onNotice } = this.#options
    const recent = await RecentIds.of(log, source.filters, this.#limits, signal)
    const onRefused = (reason: string): void => {
      this.#lastError = reason
      onNotice?.(`${source.name} cannot take ${reason}`)
    }
    return new LogIntake({ log, publish, recent, figures: this.#figures, onRefused })
  }

  async #afterError(error: unknown): Promise<void> {
    const { clock, random, onNotice, source } = this.#options
    const line = errorLine(error)
    this.#lastError = line
    this.#figures.statistics.error(error)
    if (!(error instanceof HawserError && error.retryable)) {
      onNotice?.(`${source.name} has failed: ${line}`)
      this.#enter({ kind: 'failed', reason: line })
      while (this.#phase.kind === 'failed' && !this.#stop.signal.aborted) await this.#bell.wait()
      return
    }
    this.#figures.statistics.retry()
    this.#enter({ kind: 'retrying' })
    const backoff = backoffMs(this.#failedAttempts++, random, this.#limits)
    const wait = milliseconds(Math.max(backoff, error.retryAfterMs ?? 0))
    await sleep(clock, wait, this.#stop.signal).catch(() => {})
  }

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#options.onChange?.(this.view())
  }
}

/** Behind its origin it cannot know itself to be: it has no lag of its own. */
function stateOf(phase: Phase): ConnectorState {
  if (phase.kind === 'retrying') return { kind: 'lagging', isRetrying: true, ...noLag }
  return phase.kind === 'failed' ? phase : { kind: phase.kind }
}
