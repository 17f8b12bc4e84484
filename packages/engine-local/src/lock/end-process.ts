/** Ends processes that stand still, and says so once of each. */
import type { Milliseconds } from '@hawser/std'
import { type KillOutcome, killProcess, type ProcessIdentity } from './process-identity.ts'

export interface EndedProcess {
  readonly pid: number
  /** It had shown no sign of life for at least so long. */
  readonly silentMsMin: Milliseconds
}

export type EndProcess = (owner: ProcessIdentity, silentMsMin: Milliseconds) => KillOutcome

export function endingProcesses(onEnded: (ended: EndedProcess) => void, kill = killProcess): EndProcess {
  /** By pid: what is killed may stay for a while, and is killed again. */
  const told = new Map<number, number | null>()
  return (owner, silentMsMin) => {
    const outcome = kill(owner)
    const { pid, startTicks } = owner
    if (outcome.kind !== 'killed' || told.get(pid) === startTicks) return outcome
    told.set(pid, startTicks)
    onEnded({ pid, silentMsMin })
    return outcome
  }
}
