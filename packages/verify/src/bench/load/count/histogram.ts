/** Durations counted in buckets, each a 64th of its power of two wide: bounded, and those of many processes add up. */
const bucketsPerPower = 64
const powers = 26
const maxMicros = 2 ** 31

/** As it goes from process to process: pairs of a bucket and its count. */
export type Counts = readonly (readonly [bucket: number, count: number])[]

export interface Quantiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export class Histogram {
  readonly #counts = new Uint32Array(bucketsPerPower * (powers + 1))
  #total = 0

  get total(): number {
    return this.#total
  }

  addMs(ms: number): void {
    const bucket = bucketOf(Math.min(Math.max(0, ms * 1000), maxMicros - 1) | 0)
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#total++
  }

  addAll(counts: Counts): void {
    for (const [bucket, count] of counts) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count
      this.#total += count
    }
  }

  clear(): void {
    this.#counts.fill(0)
    this.#total = 0
  }

  counts(): Counts {
    return Array.from(this.#counts, (count, bucket) => [bucket, count] as const).filter(([, count]) => count > 0)
  }

  /** All 0 where nothing was counted. */
  quantilesMicros(): Quantiles {
    const [p50, p90, p99, p999, max] = [0.5, 0.9, 0.99, 0.999, 1].map((share) => this.#at(share))
    return { p50: p50 ?? 0, p90: p90 ?? 0, p99: p99 ?? 0, p999: p999 ?? 0, max: max ?? 0 }
  }

  #at(share: number): number {
    const rank = Math.min(this.#total - 1, Math.floor(share * this.#total))
    let before = 0
    for (const [bucket, count] of this.#counts.entries()) {
      before += count
      if (before > rank) return microsOf(bucket)
    }
    return 0
  }
}

function bucketOf(micros: number): number {
  if (micros < bucketsPerPower) return micros
  const power = 31 - Math.clz32(micros)
  return (power - 5) * bucketsPerPower + ((micros >> (power - 6)) & 63)
}

/** The middle of a bucket. */
function microsOf(bucket: number): number {
  if (bucket < bucketsPerPower) return bucket
  const power = Math.floor(bucket / bucketsPerPower) + 5
  const width = 2 ** (power - 6)
  return Math.floor(2 ** power + (bucket % bucketsPerPower) * width + width / 2)
}
