/**
 * A copy of log and state, taken while any number of processes write them. A row of the state never says more than the
 * log, so the state is copied first and the log's end last; files that retention deletes meanwhile are held by links.
 * What comes out is as a crash would have left it: acknowledged before the backup began, and it is in it.
 */
import { existsSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, HawserError } from '@hawser/std'
import { versionName } from '../lock/data-directory.ts'
import { errorCode, nodeFiles } from '../log/files.ts'
import { lanesOnDisk } from '../log/foreign/survey.ts'
import { baseOfName, laneFolderName, segmentSuffix } from '../log/format.ts'
import { logIdOf, metaName } from '../log/meta.ts'
import { copyState } from '../state/copy-state.ts'
import { copyFile } from './copy-file.ts'
import { layoutVersionOf } from './layout.ts'
import { type BackupFile, writeManifest } from './manifest.ts'

export interface BackupOptions {
  /** The data folder. */
  readonly folder: string
  /** Made; must be missing or empty. */
  readonly target: string
  readonly clock: Clock
  readonly signal?: AbortSignal
}

export interface BackupReport {
  readonly files: number
  readonly bytes: number
  readonly lanes: number
}

export async function backUp({ folder, target, clock, signal }: BackupOptions): Promise<BackupReport> {
  const layoutVersion = layoutVersionOf(folder)
  const log = join(folder, 'log')
  const logId = await logIdOf(log)
  const takenAtMicros = clock.wallMicros()
  await makeEmptyFolder(target, 'name a new folder for the backup')
  using held = holdSegments(folder)
  held.hold()
  const files: BackupFile[] = []
  files.push(...(await copyState(join(folder, 'state'), target)))
  held.hold()
  for (const { path, from } of held.files()) {
    signal?.throwIfAborted()
    files.push(await copyFile(from, target, path))
  }
  files.push(await copyFile(join(log, metaName), target, `log/${metaName}`))
  files.push(await copyFile(join(folder, versionName), target, versionName))
  syncFolders(target)
  const lanes = lanesOnDisk(log)
  await writeManifest(target, { logId, layoutVersion, takenAtMicros, lanes, files })
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return { files: files.length, bytes, lanes: lanes.length }
}

/** Makes a folder; one that is there already has to be empty. */
export async function makeEmptyFolder(path: string, mend: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if ((await readdir(path)).length === 0) return
  throw new HawserError('DATA_DIR_UNUSABLE', `${path} is not empty`, { mend })
}

interface HeldSegments extends Disposable {
  /** Holds all segments that there are now, beside those held already. */
  hold(): void
  /** Where each is to be read, and its path in a data folder. */
  files(): Iterable<{ readonly path: string; readonly from: string }>
}

/** By hard links in a folder of the backup's own, so that no deletion takes a segment away before it is copied. */
function holdSegments(folder: string): HeldSegments {
  const links = join(folder, `backup-${process.pid}`)
  rmSync(links, { recursive: true, force: true })
  mkdirSync(links, { mode: 0o700 })
  const held = new Map<string, string>()
  return {
    hold() {
      for (const lane of lanesOnDisk(join(folder, 'log'))) {
        const name = laneFolderName(lane)
        for (const segment of readdirSync(join(folder, 'log', name))) {
          const path = `log/${name}/${segment}`
          if (baseOfName(segment, segmentSuffix) === undefined || held.has(path)) continue
          const link = join(links, `${name}-${segment}`)
          if (linkIfThere(join(folder, path), link)) held.set(path, link)
        }
      }
    },
    *files() {
      for (const [path, from] of held) yield { path, from }
    },
    [Symbol.dispose]: () => rmSync(links, { recursive: true, force: true }),
  }
}

/** False where retention was faster. */
function linkIfThere(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

export function syncFolders(root: string): void {
  const log = join(root, 'log')
  for (const path of [...(existsSync(log) ? readdirSync(log).map((name) => join(log, name)) : []), log, root]) {
    if (existsSync(path) && !path.endsWith('.json')) nodeFiles.syncFolder(path)
  }
}
