/** Latencies of a bounded sample of the messages. */
import type { Quantiles } from './job.ts'

const samplesMax = 1 << 20

export class Latencies {
  readonly #samplesMs = new Float64Array(samplesMax)
  #count = 0

  add(latencyMs: number): void {
    if (this.#count < samplesMax) this.#samplesMs[this.#count++] = latencyMs
  }

  clear(): void {
    this.#count = 0
  }

  quantilesMicros(): Quantiles {
    const sorted = this.#samplesMs.slice(0, this.#count).sort()
    const at = (share: number): number => Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 1000)
    return { p50: at(0.5), p99: at(0.99) }
  }
}
