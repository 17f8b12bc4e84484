/**
 * One owner of a folder. The lock is SQLite's exclusive transaction on a file in it: the kernel frees it with the
 * process, however that ends, and it holds across containers that share the volume.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { disposable, HawserError } from '@hawser/std'

const lockFile = '.lock'
/** SQLITE_BUSY */
const busy = 5

/** Rejects with `DATA_DIR_IN_USE` where another process, or another owner in this one, has the folder. */
export async function lockFolder(folder: string): Promise<Disposable> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(join(folder, lockFile))
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (!isBusy(error)) throw error
    throw new HawserError('DATA_DIR_IN_USE', `${folder} is in use by another process`, {
      // It may be a process on its way out, or one that is about to be replaced.
      retryable: true,
      mend: 'stop the other process, or use another folder',
      cause: error,
    })
  }
  return disposable(() => database.close())
}

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === busy
