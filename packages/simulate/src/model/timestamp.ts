/** The two ways in which devices write time. */
import type { EpochMicros } from '@hawser/std'

/** ISO 8601 without a zone, meant as UTC, with six digits: `2025-06-18T10:47:25.054588`. */
export function naiveUtcTimestamp(at: EpochMicros): string {
  const milliseconds = Math.floor(at / 1000)
  const microsecondsRest = String(at - milliseconds * 1000).padStart(3, '0')
  return new Date(milliseconds).toISOString().replace('Z', microsecondsRest)
}

export const unixSeconds = (at: EpochMicros): number => Math.floor(at / 1_000_000)

const secondsPerDay = 86_400

/** The part of the UTC day that has passed, in [0, 1). */
export const dayFraction = (at: EpochMicros): number => ((at / 1_000_000) % secondsPerDay) / secondsPerDay

export const elapsedSeconds = (from: EpochMicros, to: EpochMicros): number => Math.max(0, to - from) / 1_000_000
