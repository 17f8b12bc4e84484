/** The processes of one `hawser broker --workers N`: who supervises them starts another for one that dies. */
import { readFileSync } from 'node:fs'
import { type Clock, HawserError, milliseconds } from '@hawser/std'
import { waitUntil } from '../clients/wait-until.ts'
import type { ChaosNode } from './chaos-node.ts'
import type { Victim } from './victim.ts'

const backMsMax = milliseconds(60_000)

export function workersOf(
  supervisor: ChaosNode,
  count: number,
  { clock, signal: ending }: { readonly clock: Clock; readonly signal: AbortSignal },
): readonly Victim[] {
  const areBack = async (): Promise<void> => {
    if (await waitUntil(clock, backMsMax, ending, () => childrenOf(supervisor.pid).length === count)) return
    throw new HawserError('BROKER_UNREACHABLE', `the supervisor has not started ${count} workers again`)
  }
  return Array.from({ length: count }, (_, index): Victim => {
    const pidNow = (): number | undefined => childrenOf(supervisor.pid)[index]
    /** Of the one that is at work on it: others take its place in the list. */
    let chosen: number | undefined
    const tell = (pid: number | undefined, signal: NodeJS.Signals): void => {
      try {
        if (pid !== undefined) process.kill(pid, signal)
      } catch {
        // It is gone, as one that was frozen for long.
      }
    }
    return {
      name: `worker ${index + 1}`,
      get pid() {
        chosen = pidNow()
        return chosen
      },
      signal: (signal) => tell(chosen ?? pidNow(), signal),
      async kill() {
        const pid = pidNow()
        tell(pid, 'SIGKILL')
        await waitUntil(clock, backMsMax, ending, () => !childrenOf(supervisor.pid).includes(pid ?? 0))
      },
      start: areBack,
      isUp: areBack,
    }
  })
}

/** In the order of their birth. */
function childrenOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return []
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** Why workers cannot be broken one by one here. */
export const workersMissing = (): string | undefined =>
  process.platform === 'linux' ? undefined : 'processes of one broker are found by /proc, which Linux alone has'
