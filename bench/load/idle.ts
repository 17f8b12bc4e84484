/** What a connection costs that does nothing. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type HoldJob, holdConnections } from '@hawser/verify/load'
import { residentBytes } from '../machine/processes.ts'
import type { Outcome } from './job.ts'

/** Until the broker's memory stands still. */
const settleMs = 2000

export async function holdIdle(job: HoldJob, brokerPid: number): Promise<Outcome> {
  await sleep(settleMs)
  const bytesBefore = residentBytes(brokerPid)
  using held = await holdConnections(job)
  await sleep(settleMs)
  if (held.closed() > 0) throw new Error(`the broker closed ${held.closed()} idle connections`)
  const bytesPerConnection = (residentBytes(brokerPid) - bytesBefore) / job.connections
  return { perSecond: held.openedPerSecond, bytesPerConnection }
}
