/**
 * Ends the members that stand still already when this process comes. One of them may have been stopped in the middle of
 * a write to the state, whose lock it holds then: who opens the state waits for it in the kernel, and can do nothing.
 */
import { type Clock, type Milliseconds, milliseconds, sleep } from '@hawser/std'
import type { EndProcess } from '../lock/end-process.ts'
import { laneOwners } from '../lock/lane-lock.ts'
import { activityOf, type ProcessIdentity } from '../lock/process-identity.ts'

export const lookMs = milliseconds(200)

export interface StoppedOwnersOptions {
  /** The data folder. */
  readonly folder: string
  readonly clock: Clock
  /** One that is stopped may go on within this time. */
  readonly patienceMs: Milliseconds
  readonly end: EndProcess
}

/** Resolves once none is stopped any more, or may be ended from here. */
export async function endStoppedOwners({ folder, clock, patienceMs, end }: StoppedOwnersOptions): Promise<void> {
  const sinceMs = clock.monotonicMs()
  for (let stopped = laneOwners(folder).filter(isStopped); stopped.length > 0; stopped = stopped.filter(isStopped)) {
    if (clock.monotonicMs() - sinceMs >= patienceMs) {
      for (const owner of stopped) end(owner, patienceMs)
      return
    }
    await sleep(clock, lookMs)
  }
}

const isStopped = (owner: ProcessIdentity): boolean => activityOf(owner)?.isStopped === true
