/**
 * A lock that lives and dies with its process: SQLite's exclusive lock on an empty file, which the kernel frees
 * however the process ends. It holds between containers that share the volume, too. The file itself says nothing and
 * stays where it is; beside it, for people only, stands who owns the lock.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { disposable } from '@hawser/std'

export interface LockOwner {
  readonly pid: number
  readonly host: string
}

export type LockAnswer =
  | { readonly kind: 'locked'; readonly lock: Disposable }
  /** The owner is unknown in the moment between locking and saying so. */
  | { readonly kind: 'taken'; readonly owner: LockOwner | undefined }

const sqliteBusy = 5

/** Throws where the file cannot be made or opened for writing. */
export function lockFile(path: string): LockAnswer {
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    file.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    file.close()
    if (!isBusy(error)) throw error
    return { kind: 'taken', owner: readOwner(path) }
  }
  const owner: LockOwner = { pid: process.pid, host: hostname() }
  const written = `${ownerPath(path)}.${process.pid}`
  writeFileSync(written, `${JSON.stringify(owner)}\n`)
  renameSync(written, ownerPath(path))
  const unlock = (): void => {
    rmSync(ownerPath(path), { force: true })
    file.close()
  }
  return { kind: 'locked', lock: disposable(unlock) }
}

const ownerPath = (path: string): string => `${path}.owner`

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy

function readOwner(path: string): LockOwner | undefined {
  try {
    const { pid, host } = JSON.parse(readFileSync(ownerPath(path), 'utf8'))
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host } : undefined
  } catch {
    // It is written after the lock is taken, and only to be shown: without it the lock is as good.
    return undefined
  }
}
