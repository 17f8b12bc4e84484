/**
 * An owner of a lane who holds the state's lock. Arguments: folder, ms. Says `holding`, turns that long, and stops
 * itself: who looks at it before finds it at work.
 */
import { mkdirSync, writeSync } from 'node:fs'
import { systemClock } from '@hawser/std'
import { lockDataDirectory } from '../../lock/data-directory.ts'
import { takeLane } from '../../lock/lane-lock.ts'
import { openDatabase } from '../../state/local-state.ts'

const [folder = '', turningMs = ''] = process.argv.slice(2)
await using _folder = await lockDataDirectory(folder, 'member')
using _lane = takeLane(folder, undefined).lock
mkdirSync(`${folder}/state`, { recursive: true })
openDatabase(`${folder}/state`).transactionSync(() => {
  writeSync(1, 'holding\n')
  const endMs = systemClock.monotonicMs() + Number(turningMs)
  while (systemClock.monotonicMs() < endMs);
  process.kill(process.pid, 'SIGSTOP')
})
