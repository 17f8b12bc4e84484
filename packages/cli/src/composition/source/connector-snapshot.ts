/** A connector's run in the words of the admin model. */
import type { ConnectorSnapshot, ConnectorState } from '@hawser/admin'
import type { Connector, ConnectorRun, ConnectorStatistics, ConnectorView, SourceRun } from '@hawser/connect'
import type { Clock } from '@hawser/std'

const stateOf = (state: ConnectorView['state']): ConnectorState =>
  state.kind === 'lagging' && state.isRetrying ? 'retrying' : state.kind

const statisticsOf = (statistics: ConnectorStatistics): ConnectorSnapshot['statistics'] => ({
  ...statistics,
  batches: statistics.batches ?? null,
  errors: { ...statistics.errors },
})

/** A source has no place in the log, and no dead letters that could be written once more. */
export type WatchedRun = ConnectorRun | SourceRun

/** One connector with what the runner does not know: where its other end is, and how fast it was since the last look. */
export class WatchedConnector {
  readonly name: string
  readonly run: WatchedRun
  readonly #target: string
  readonly #clock: Clock
  readonly #rules: NonNullable<Connector['rules']>
  #rate = { atMs: 0, written: 0, perSecond: 0 }
  #error: { readonly message: string; readonly atMs: number } | null = null

  constructor(name: string, target: string, run: WatchedRun, clock: Clock, rules: Connector['rules'] = () => []) {
    this.name = name
    this.run = run
    this.#target = target
    this.#clock = clock
    this.#rules = rules
  }

  snapshot(): ConnectorSnapshot {
    const view = this.run.view()
    const { name, kind, lag, written, duplicates, deadLetters, dropped, lost } = view
    return {
      name,
      kind,
      target: this.#target,
      state: stateOf(view.state),
      lag: {
        messages: lag.messages,
        bytes: Math.round(lag.bytes),
        seconds: Math.max(0, lag.seconds),
        share: lag.backlogShare,
      },
      written,
      duplicates,
      deadLetters,
      dropped,
      lost,
      rules: [...this.#rules()],
      ratePerSecond: this.#measure(written),
      statistics: statisticsOf(this.run.statistics()),
      lastError: this.#lastError(view),
    }
  }

  #measure(written: number): number {
    const nowMs = this.#clock.monotonicMs()
    const spanMs = nowMs - this.#rate.atMs
    if (spanMs < 500) return this.#rate.perSecond
    const perSecond = this.#rate.atMs === 0 ? 0 : Math.max(0, ((written - this.#rate.written) * 1000) / spanMs)
    this.#rate = { atMs: nowMs, written, perSecond }
    return perSecond
  }

  #lastError({ lastError }: ConnectorView): ConnectorSnapshot['lastError'] {
    if (lastError === undefined) return null
    if (this.#error?.message !== lastError) {
      this.#error = { message: lastError, atMs: Math.round(this.#clock.wallMicros() / 1000) }
    }
    return this.#error
  }
}
