/** What went wrong in LMDB, in the words of the project. */

import { statfs } from 'node:fs/promises'
import { constants } from 'node:os'
import { HawserError } from '@hawser/std'

const { ENOSPC, EDQUOT, EIO } = constants.errno
const mapFull = -30792
/** A commit needs a few pages more than its rows; below this a failed write is taken for a full disk. */
const freeBytesMin = 1 << 20

/** Also waits for the reason that lmdb tells by a promise of its own, so that none is left uncaught. */
export async function explainFailure(error: unknown, folder: string): Promise<HawserError> {
  if (error instanceof HawserError) return error
  const cause = await reasonOf(error)
  if (await isDiskFull(cause, folder)) {
    return new HawserError('DISK_FULL', `no room for the state in ${folder}`, {
      retryable: true,
      mend: 'free some space; writing goes on by itself',
      cause,
    })
  }
  const why = cause instanceof Error ? cause.message : String(cause)
  return new HawserError('STATE_FAILED', `the state in ${folder} failed: ${why}`, {
    mend: 'restart; if it stays, look at the disk’s health',
    cause,
  })
}

async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  try {
    return (await error.commitError) ?? error
  } catch (reason) {
    return reason
  }
}

/** LMDB says EIO where a write came out short, as it does on a full disk; then the free space decides. */
async function isDiskFull(cause: unknown, folder: string): Promise<boolean> {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === ENOSPC || code === EDQUOT || code === mapFull) return true
  if (code !== EIO) return false
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize < freeBytesMin
}
