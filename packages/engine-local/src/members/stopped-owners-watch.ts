/**
 * Watches for owners who stop while this thread is held up. One who is stopped in a write to the state holds its lock,
 * and who opens the state waits for that in the kernel: its event loop stands still, and could end nobody.
 */
import { Worker } from 'node:worker_threads'
import { asyncDisposable, type Milliseconds } from '@hawser/std'
import type { EndedProcess } from '../lock/end-process.ts'

export interface WatchedOwners {
  /** The data folder. */
  readonly folder: string
  /** One that is stopped may go on within this time. */
  readonly patienceMs: Milliseconds
}

/** By a thread of its own, until disposed of. `onEnded` is called once this thread goes on. */
export function watchStoppedOwners(watched: WatchedOwners, onEnded: (ended: EndedProcess) => void): AsyncDisposable {
  const worker = new Worker(new URL('./stopped-owners-worker.ts', import.meta.url), {
    name: 'hawser-stopped-owners',
    workerData: watched,
    // It takes none of the process's flags: not its debugger, nor its loaders.
    execArgv: [],
  })
  worker.on('message', onEnded)
  return asyncDisposable(async () => void (await worker.terminate()))
}
