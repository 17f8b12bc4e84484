/**
 * A lock that lives and dies with its process: SQLite's lock on an empty file, which the kernel frees however the
 * process ends. It holds between containers that share the volume, too. The file itself says nothing and stays where
 * it is; beside it, for people and for whoever must end a frozen owner, stands who owns the lock.
 *
 * Nothing else may open and close the file in a process that holds its lock: the kernel would free it.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { disposable } from '@hawser/std'
import { type ProcessIdentity, thisProcess } from './process-identity.ts'

export type LockAnswer =
  | { readonly kind: 'locked'; readonly lock: Disposable }
  /** The owner is unknown in the moment between locking and saying so, and where those who share the lock own it. */
  | { readonly kind: 'taken'; readonly owner: ProcessIdentity | undefined }

const sqliteBusy = 5
/** Somebody who is being refused holds up those who share the lock for an instant. */
const shareMsMax = 200

/** For one owner alone. Throws where the file cannot be made or opened for writing. */
export function lockFile(path: string): LockAnswer {
  const file = attempt(path, 0, 'BEGIN EXCLUSIVE')
  if (file === undefined) return { kind: 'taken', owner: readLockOwner(path) }
  const written = `${ownerPath(path)}.${process.pid}`
  writeFileSync(written, `${JSON.stringify(thisProcess())}\n`)
  renameSync(written, ownerPath(path))
  const unlock = (): void => {
    rmSync(ownerPath(path), { force: true })
    file.close()
  }
  return { kind: 'locked', lock: disposable(unlock) }
}

/** Together with all others who share it. */
export function shareFile(path: string): LockAnswer {
  const file = attempt(path, shareMsMax, 'BEGIN; SELECT 1 FROM sqlite_schema')
  if (file === undefined) return { kind: 'taken', owner: readLockOwner(path) }
  // Of one who had it alone and was killed.
  rmSync(ownerPath(path), { force: true })
  return { kind: 'locked', lock: disposable(() => file.close()) }
}

/** Who said last that the lock is theirs; whether it still is the lock alone knows. */
export function readLockOwner(path: string): ProcessIdentity | undefined {
  try {
    const { pid, host, startTicks = null } = JSON.parse(readFileSync(ownerPath(path), 'utf8'))
    const isIdentity = typeof pid === 'number' && typeof host === 'string'
    return isIdentity && (startTicks === null || typeof startTicks === 'number') ? { pid, host, startTicks } : undefined
  } catch {
    // It is written after the lock is taken: without it the lock is as good.
    return undefined
  }
}

const ownerPath = (path: string): string => `${path}.owner`

function attempt(path: string, timeoutMs: number, statement: string): DatabaseSync | undefined {
  const file = new DatabaseSync(path, { timeout: timeoutMs })
  try {
    file.exec(statement)
    return file
  } catch (error) {
    file.close()
    if (isBusy(error)) return undefined
    throw error
  }
}

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy
