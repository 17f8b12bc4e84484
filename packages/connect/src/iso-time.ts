import type { EpochMicros } from '@hawser/std'

/** UTC with six digits: `2025-06-18T10:47:25.054588Z`. */
export function isoMicros(time: EpochMicros): string {
  const millis = Math.floor(time / 1000)
  const micros = String(time - millis * 1000).padStart(3, '0')
  return `${new Date(millis).toISOString().slice(0, -1)}${micros}Z`
}
