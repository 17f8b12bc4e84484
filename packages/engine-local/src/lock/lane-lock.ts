/** The right to write a lane: a lock of its own for each, so that its owner's death frees that lane and no other. */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { HawserError } from '@hawser/std'
import { type LockAnswer, lockFile, readLockOwner } from './file-lock.ts'
import type { ProcessIdentity } from './process-identity.ts'

/** Far above the processes of one host; a folder with so many lanes is taken for damaged. */
export const lanesMax = 1024
const nameForm = /^lane-(\d{5})\.owner$/

const locksFolder = (folder: string): string => join(folder, 'locks')
const lockPath = (folder: string, lane: number): string =>
  join(locksFolder(folder), `lane-${String(lane).padStart(5, '0')}`)

export function lockLane(folder: string, lane: number): LockAnswer {
  mkdirSync(locksFolder(folder), { recursive: true, mode: 0o700 })
  return lockFile(lockPath(folder, lane))
}

export const laneOwner = (folder: string, lane: number): ProcessIdentity | undefined =>
  readLockOwner(lockPath(folder, lane))

/** Those who say that a lane is theirs, some of whom may be dead. */
export function laneOwners(folder: string): readonly ProcessIdentity[] {
  try {
    const names = readdirSync(locksFolder(folder))
    return names.flatMap((name) => laneOwner(folder, Number(nameForm.exec(name)?.[1])) ?? [])
  } catch {
    return []
  }
}

export interface OwnedLane {
  readonly lane: number
  readonly lock: Disposable
}

/** The given lane, or the lowest that nobody owns. Throws `DATA_DIR_IN_USE` where the given one has an owner. */
export function takeLane(folder: string, given: number | undefined): OwnedLane {
  for (let lane = given ?? 0; lane < lanesMax; lane++) {
    const answer = lockLane(folder, lane)
    if (answer.kind === 'locked') return { lane, lock: answer.lock }
    if (given !== undefined) break
  }
  const which = given === undefined ? `all ${lanesMax} lanes` : `lane ${given}`
  throw new HawserError('DATA_DIR_IN_USE', `${which} of data folder ${folder} is in use`, {
    retryable: true,
    mend: 'wait until its owner has ended, or choose another',
  })
}
