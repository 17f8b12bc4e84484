/** Hands over rising numbers at a pace, and writes down what it was told of each. */
import { type Clock, type Milliseconds, milliseconds } from '@hawser/std'
import type { StreamBook } from '../ledger/balance.ts'
import type { RoamingClient } from './roaming.ts'

export interface PublisherOptions {
  readonly topicOf: (number: number) => string
  readonly qos: 1 | 2
  readonly retain: boolean
  readonly ratePerSecond: number
  /** Of the run; one for each number and each receipt. */
  readonly entries: EntryBudget
}

/** What all ledgers of a run may hold in memory. */
export interface EntryBudget {
  left: number
}

const tickMs = milliseconds(10)
/** Handed over and not answered. */
const windowMax = 100

export class Publisher implements Disposable {
  readonly #client: RoamingClient
  readonly #options: PublisherOptions
  readonly #clock: Clock
  readonly #acknowledged: number[] = []
  readonly #unknown: number[] = []
  readonly #waiting = new Set<number>()
  #startedAt = { acknowledged: 0, unknown: 0 }
  #next = 0
  #owed = 0
  #tickedAtMs = 0
  #timer: Disposable | undefined
  #heard: ((number: number) => void) | undefined
  #heardAtMs = 0
  #longestSilenceMs = 0

  constructor(client: RoamingClient, clock: Clock, options: PublisherOptions) {
    this.#client = client
    this.#clock = clock
    this.#options = options
  }

  /** The number that is handed over next. */
  get next(): number {
    return this.#next
  }

  /** How often its client was without a connection. */
  get losses(): number {
    return this.#client.losses
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Between two acknowledgements since it was started. */
  get longestSilenceMs(): Milliseconds {
    return milliseconds(this.#longestSilenceMs)
  }

  /** Of all, or of what was handed over since it was started last. What has not been answered counts as unknown. */
  book(of: 'all' | 'round'): StreamBook {
    const { acknowledged, unknown } = of === 'all' ? { acknowledged: 0, unknown: 0 } : this.#startedAt
    return {
      acknowledged: this.#acknowledged.slice(acknowledged),
      unknown: [...this.#unknown.slice(unknown), ...this.#waiting],
    }
  }

  onAcknowledged(listener: (number: number) => void): void {
    this.#heard = listener
  }

  start(): void {
    this.#startedAt = { acknowledged: this.#acknowledged.length, unknown: this.#unknown.length }
    this.#tickedAtMs = this.#clock.monotonicMs()
    this.#heardAtMs = this.#tickedAtMs
    this.#longestSilenceMs = 0
    this.#owed = 0
    this.#tick()
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  handOver(): void {
    const number = this.#next++
    this.#options.entries.left--
    this.#waiting.add(number)
    const { topicOf, qos, retain } = this.#options
    this.#client.mqtt.publishAsync(topicOf(number), `${number}`, { qos, retain }).then(
      () => this.#settled(number, this.#acknowledged),
      // Refused, or given up by the client while it lost its connection.
      () => this.#settled(number, this.#unknown),
    )
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs()
    const { ratePerSecond, entries } = this.#options
    // What a stall has held back is not made up for: the pace is a pace.
    this.#owed = Math.min(this.#owed + ((nowMs - this.#tickedAtMs) / 1000) * ratePerSecond, windowMax)
    this.#tickedAtMs = nowMs
    while (this.#owed >= 1 && this.#waiting.size < windowMax && entries.left > 0) {
      this.#owed--
      this.handOver()
    }
    this.#timer = this.#clock.after(tickMs, () => this.#tick())
  }

  #settled(number: number, numbers: number[]): void {
    if (!this.#waiting.delete(number)) return
    numbers.push(number)
    if (numbers !== this.#acknowledged) return
    const nowMs = this.#clock.monotonicMs()
    this.#longestSilenceMs = Math.max(this.#longestSilenceMs, nowMs - this.#heardAtMs)
    this.#heardAtMs = nowMs
    this.#heard?.(number)
  }
}
