/**
 * A data folder and the right to use it: made where it is missing, of a known version, and owned by one Hawser alone or
 * by its members together.
 */
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { asyncDisposable, HawserError } from '@hawser/std'
import { lockFile, shareFile } from './file-lock.ts'
import { laneOwners } from './lane-lock.ts'
import { type ProcessIdentity, startTicksOf } from './process-identity.ts'

/** `alone`: nobody else is let in. `member`: others may share the folder, each with a lane of its own. */
export type FolderShare = 'alone' | 'member'

/**
 * Of the folder's layout as a whole; the files in it bear versions of their own. 2: sessions have owners, wills the
 * identity that left them, and groups of shared subscriptions records and rows. 3: several lanes, each with a lock.
 */
const layoutVersion = 3
/** Read as they are: what is new is simply not there. Once opened the folder is one of the newest version. */
const upgradedVersions = ['1', '2']
const folderMode = 0o700

const names = { version: 'VERSION', lock: 'lock' } as const

export const versionName = names.version
export const isKnownVersion = (text: string): boolean => [`${layoutVersion}`, ...upgradedVersions].includes(text)

/**
 * Rejects with `DATA_DIR_IN_USE`, `DATA_DIR_VERSION`, `DATA_DIR_UNUSABLE` or `DISK_FULL`, having changed nothing that
 * another Hawser relies on.
 */
export async function lockDataDirectory(folder: string, share: FolderShare = 'alone'): Promise<AsyncDisposable> {
  const path = resolve(folder)
  const isClaimed = usable(path, () => {
    makeFolder(path)
    return isOfVersion(path)
  })
  const lock = share === 'alone' ? lockFile : shareFile
  const answer = usable(path, () => lock(join(path, names.lock)))
  if (answer.kind === 'taken') throw inUse(path, answer.owner === undefined ? livingMembers(path) : [answer.owner])
  try {
    if (!isClaimed) usable(path, () => claim(path))
  } catch (error) {
    answer.lock[Symbol.dispose]()
    throw error
  }
  return asyncDisposable(async () => answer.lock[Symbol.dispose]())
}

/** Level by level: `recursive` says ENOENT where the reason is a read-only disk. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: folderMode })
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && dirname(path) !== path) {
      makeFolder(dirname(path))
      mkdirSync(path, { mode: folderMode })
    } else if (codeOf(error) !== 'EEXIST') throw error
  }
}

/** False for a folder that no Hawser has used yet, or one of an older version. */
function isOfVersion(path: string): boolean {
  let text: string
  try {
    text = readFileSync(join(path, names.version), 'utf8').trim()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
  if (text === `${layoutVersion}`) return true
  if (isKnownVersion(text)) return false
  throw new HawserError('DATA_DIR_VERSION', `data folder ${path} has version ${text}, not ${layoutVersion}`, {
    mend: 'start the version of Hawser that wrote it, or choose another data folder',
  })
}

/** The version is written last and whole, so that a folder that bears one is ready. */
function claim(path: string): void {
  chmodSync(path, folderMode)
  const version = join(path, names.version)
  // Members may be at it at the same time.
  const draft = `${version}.${process.pid}`
  writeFileSync(draft, `${layoutVersion}\n`, { flush: true })
  renameSync(draft, version)
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

const livingMembers = (path: string): readonly ProcessIdentity[] =>
  laneOwners(path).filter(({ pid, host, startTicks }) => {
    return host !== hostname() || startTicks === null || startTicksOf(pid) === startTicks
  })

function inUse(path: string, owners: readonly ProcessIdentity[]): HawserError {
  const pids = owners.map(({ pid }) => pid)
  const [owner] = owners
  const elsewhere = owner !== undefined && owner.host !== hostname() ? ` on ${owner.host}` : ''
  const names = `with pid${pids.length > 1 ? 's' : ''} ${pids.join(', ')}${elsewhere}`
  const stop = owner === undefined || elsewhere !== '' ? 'stop it' : `stop it (kill ${pids.join(' ')})`
  const who = owner === undefined ? 'another Hawser' : `the Hawser ${names}`
  return new HawserError('DATA_DIR_IN_USE', `data folder ${path} is in use by ${who}`, {
    mend: `${stop} or choose another data folder`,
  })
}

function usable<Result>(path: string, use: () => Result): Result {
  try {
    return use()
  } catch (error) {
    if (error instanceof HawserError) throw error
    if (isDiskFull(error)) {
      throw new HawserError('DISK_FULL', `no room in data folder ${path}`, {
        retryable: true,
        mend: 'free some space',
        cause: error,
      })
    }
    const why = error instanceof Error ? error.message : String(error)
    throw new HawserError('DATA_DIR_UNUSABLE', `data folder ${path} cannot be used: ${why}`, {
      mend: 'make it a folder that this user may write to, or choose another data folder',
      cause: error,
    })
  }
}

const sqliteFull = 13
const isDiskFull = (error: unknown): boolean =>
  codeOf(error) === 'ENOSPC' ||
  codeOf(error) === 'EDQUOT' ||
  (error instanceof Error && 'errcode' in error && error.errcode === sqliteFull)

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
