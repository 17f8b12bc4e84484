/** What clients wait for. Of commits and deliveries one is timed at a time, so that the hot path reads no clock. */
import type { Clock } from '@hawser/std'
import { Histogram, type HistogramSnapshot } from './histogram.ts'

export const latencyNames = [
  /** From CONNECT to CONNACK. */
  'connect',
  /** From the append of a record until it is durable: what PUBACK, PUBREC and SUBACK wait for. */
  'commit',
  /** From the receipt of a QoS 1 or 2 publish until it is handed to its live receivers. */
  'delivery',
] as const
export type LatencyName = (typeof latencyNames)[number]

export class Latencies {
  readonly #clock: Clock
  readonly #histograms: Readonly<Record<LatencyName, Histogram>> = {
    connect: new Histogram(),
    commit: new Histogram(),
    delivery: new Histogram(),
  }
  /** The ticket whose commit is being timed; -1: none is. */
  #ticket = -1
  #appendedAtMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  connected(sinceMs: number): void {
    this.#histograms.connect.observe((this.#clock.monotonicMs() - sinceMs) / 1000)
  }

  appended(ticket: number): void {
    if (this.#ticket >= 0) return
    this.#ticket = ticket
    this.#appendedAtMs = this.#clock.monotonicMs()
  }

  committed(ticket: number): void {
    if (this.#ticket < 0 || ticket < this.#ticket) return
    this.#ticket = -1
    this.#histograms.commit.observe((this.#clock.monotonicMs() - this.#appendedAtMs) / 1000)
  }

  /** Once a batch: its first publish stands for the others. */
  delivered(publishedAtMicros: number): void {
    this.#histograms.delivery.observe(Math.max(0, this.#clock.wallMicros() - publishedAtMicros) / 1e6)
  }

  snapshot(): Readonly<Record<LatencyName, HistogramSnapshot>> {
    const { connect, commit, delivery } = this.#histograms
    return { connect: connect.snapshot(), commit: commit.snapshot(), delivery: delivery.snapshot() }
  }
}
