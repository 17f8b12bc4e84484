/** Sizes and times of the newest batches: enough of them for a p99, and no more. */
const keptMax = 1_024

export interface Quantiles {
  readonly p50: number
  readonly p99: number
}

export interface BatchFigures {
  /** Since the start; the quantiles are of the newest 1,024. */
  readonly count: number
  readonly messages: Quantiles
  readonly bytes: Quantiles
  /** How long the sink took. */
  readonly ms: Quantiles
}

export class RecentBatches {
  readonly #messages = new Float64Array(keptMax)
  readonly #bytes = new Float64Array(keptMax)
  readonly #ms = new Float64Array(keptMax)
  #count = 0

  add(messages: number, bytes: number, ms: number): void {
    const place = this.#count++ % keptMax
    this.#messages[place] = messages
    this.#bytes[place] = bytes
    this.#ms[place] = ms
  }

  /** Undefined before the first. */
  figures(): BatchFigures | undefined {
    if (this.#count === 0) return undefined
    const of = (values: Float64Array): Quantiles => quantiles(values.slice(0, Math.min(this.#count, keptMax)).sort())
    return { count: this.#count, messages: of(this.#messages), bytes: of(this.#bytes), ms: of(this.#ms) }
  }
}

/** By nearest rank: each is a value that there was. */
function quantiles(sorted: Float64Array): Quantiles {
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}
