/** A histogram of durations in seconds, with fixed bounds: cumulative buckets as Prometheus reads them. */
export const latencyBoundsSeconds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const

export interface HistogramSnapshot {
  /** How many took at most so long, by bound; the rest took longer than the last. */
  readonly buckets: readonly { readonly secondsMax: number; readonly count: number }[]
  readonly count: number
  readonly sumSeconds: number
}

export class Histogram {
  readonly #counts = new Float64Array(latencyBoundsSeconds.length)
  #count = 0
  #sumSeconds = 0

  observe(seconds: number): void {
    this.#count++
    this.#sumSeconds += seconds
    for (let index = 0; index < latencyBoundsSeconds.length; index++) {
      if (seconds > (latencyBoundsSeconds[index] ?? 0)) continue
      this.#counts[index] = (this.#counts[index] ?? 0) + 1
      return
    }
  }

  snapshot(): HistogramSnapshot {
    let below = 0
    const buckets = latencyBoundsSeconds.map((secondsMax, index) => {
      below += this.#counts[index] ?? 0
      return { secondsMax, count: below }
    })
    return { buckets, count: this.#count, sumSeconds: this.#sumSeconds }
  }
}
