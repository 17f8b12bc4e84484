/** Makes sure that a lane's last owner writes nothing more, by getting its lock: if need be the owner is ended. */
import type { Partition } from '@hawser/engine'
import { type Clock, type Milliseconds, milliseconds, sleep } from '@hawser/std'
import type { EndProcess } from '../lock/end-process.ts'
import { lockLane } from '../lock/lane-lock.ts'
import type { ProcessIdentity } from '../lock/process-identity.ts'

export interface FenceOptions {
  /** The data folder. */
  readonly folder: string
  readonly clock: Clock
  /** A process that holds the lock and is no peer is given so long to become one, or to end. */
  readonly patienceMs: Milliseconds
  /** Whether the process is at work here: it has the lock in order to adopt the lane. */
  readonly isMember: (owner: ProcessIdentity) => boolean
  /** Whether the lane still waits for somebody. */
  readonly isOrphan: () => boolean
  readonly end: EndProcess
}

export type FenceOutcome =
  | { readonly kind: 'locked'; readonly lock: Disposable }
  /** Another process is at it, or has been. */
  | { readonly kind: 'passed' }
  | { readonly kind: 'refused'; readonly owner: ProcessIdentity; readonly why: string }

const retryMsMin = 5
const retryMsMax = 200

export async function fenceLane(lane: Partition, options: FenceOptions): Promise<FenceOutcome> {
  const { folder, clock, patienceMs, isMember, isOrphan, end } = options
  let awaited: ProcessIdentity | undefined
  let sinceMs = clock.monotonicMs()
  for (let retryMs = retryMsMin; isOrphan(); retryMs = Math.min(retryMs * 2, retryMsMax)) {
    const answer = lockLane(folder, lane)
    if (answer.kind === 'locked') return answer
    const { owner } = answer
    if (owner !== undefined && isMember(owner)) return { kind: 'passed' }
    if (owner?.pid !== awaited?.pid) {
      awaited = owner
      sinceMs = clock.monotonicMs()
    }
    if (owner !== undefined && clock.monotonicMs() - sinceMs >= patienceMs) {
      const outcome = end(owner, patienceMs)
      if (outcome.kind === 'refused') return { kind: 'refused', owner, why: outcome.why }
    }
    await sleep(clock, milliseconds(retryMs))
  }
  return { kind: 'passed' }
}
