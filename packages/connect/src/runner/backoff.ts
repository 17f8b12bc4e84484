import { type Milliseconds, milliseconds, type Random } from '@hawser/std'
import type { RunnerLimits } from './limits.ts'

type Bounds = Pick<RunnerLimits, 'backoffMsMin' | 'backoffMsMax'>

/** Exponential, with full jitter above the half: sinks that failed together are not asked again together. */
export function backoffMs(attempt: number, random: Random, limits: Bounds): Milliseconds {
  const ceilingMs = Math.min(limits.backoffMsMax, limits.backoffMsMin * 2 ** Math.min(attempt, 30))
  return milliseconds(ceilingMs / 2 + random.next() * (ceilingMs / 2))
}
