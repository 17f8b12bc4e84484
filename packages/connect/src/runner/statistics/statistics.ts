/** How fast a connector is, what its batches are like, and what went wrong: counted by batch, and bounded. */
import { type Clock, HawserError, type HawserErrorCode } from '@hawser/std'
import { type Rate, RateWindow } from './rate-window.ts'
import { type BatchFigures, RecentBatches } from './recent-batches.ts'

/** `UNEXPECTED`: no error of ours. */
export type ErrorClass = HawserErrorCode | 'UNEXPECTED'

export interface ConnectorStatistics {
  readonly lastMinute: Rate
  readonly lastFiveMinutes: Rate
  /** Payloads that are done, since the start. */
  readonly bytes: number
  /** Undefined before the first, and with a source: it takes one by one. */
  readonly batches: BatchFigures | undefined
  /** How often it began again by itself. */
  readonly retries: number
  readonly errors: Readonly<Partial<Record<ErrorClass, number>>>
}

export class Statistics {
  readonly #rates: RateWindow
  readonly #batches = new RecentBatches()
  readonly #errors = new Map<ErrorClass, number>()
  #bytes = 0
  #retries = 0

  constructor(clock: Clock) {
    this.#rates = new RateWindow(clock)
  }

  message(bytes: number): void {
    this.#rates.add(1, bytes)
    this.#bytes += bytes
  }

  batch(messages: number, bytes: number, ms: number): void {
    this.#rates.add(messages, bytes)
    this.#batches.add(messages, bytes, ms)
    this.#bytes += bytes
  }

  error(error: unknown): void {
    const of = error instanceof HawserError ? error.code : 'UNEXPECTED'
    this.#errors.set(of, (this.#errors.get(of) ?? 0) + 1)
  }

  retry(): void {
    this.#retries++
  }

  view(): ConnectorStatistics {
    return {
      lastMinute: this.#rates.over(1),
      lastFiveMinutes: this.#rates.over(5),
      bytes: this.#bytes,
      batches: this.#batches.figures(),
      retries: this.#retries,
      errors: Object.fromEntries(this.#errors),
    }
  }
}
