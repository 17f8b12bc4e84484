/** Ends owners who are stopped, until its thread is ended. Says so of each. */
import { parentPort, workerData } from 'node:worker_threads'
import { sleep, systemClock } from '@hawser/std'
import { endingProcesses } from '../lock/end-process.ts'
import { endStoppedOwners, lookMs } from './stopped-owners.ts'
import type { WatchedOwners } from './stopped-owners-watch.ts'

const watched = workerData as WatchedOwners
const end = endingProcesses((ended) => parentPort?.postMessage(ended))
// No timer of ours keeps a thread going.
parentPort?.ref()
for (;;) {
  await endStoppedOwners({ ...watched, clock: systemClock, end })
  await sleep(systemClock, lookMs)
}
