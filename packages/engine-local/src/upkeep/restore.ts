/**
 * A data folder made from a backup. Readers outside (a database, a file) may have come further than the backup: its
 * positions must never be used again for other records. So each lane goes on far behind what it had, and a reader that
 * was ahead continues with what is new.
 */
import { join } from 'node:path'
import type { Partition } from '@hawser/engine'
import type { Clock } from '@hawser/std'
import { lockDataDirectory } from '../lock/data-directory.ts'
import { nodeFiles, writeAll } from '../log/files.ts'
import { prepareFolder } from '../log/folder.ts'
import { encodeSeal, encodeSegmentHeader, segmentHeaderBytes, segmentName } from '../log/format.ts'
import { bytesOfLogId, logIdOf } from '../log/meta.ts'
import { recoverLane } from '../log/recovery.ts'
import { makeEmptyFolder, syncFolders } from './backup.ts'
import { copyFile } from './copy-file.ts'
import { checkBackup, readManifest } from './manifest.ts'

/** More than a lane appends between two backups that anybody would bring back. */
export const positionsPassedOnRestore = 2 ** 40

export interface RestoreOptions {
  readonly backup: string
  /** Made; must be missing or empty. */
  readonly folder: string
  readonly clock: Clock
  readonly signal?: AbortSignal
}

export interface RestoreReport {
  readonly files: number
  readonly bytes: number
  readonly lanes: number
  readonly takenAtMicros: number
}

/** Checks the whole backup before it makes anything. */
export async function restore({ backup, folder, clock, signal }: RestoreOptions): Promise<RestoreReport> {
  const manifest = await readManifest(backup)
  await checkBackup(backup, manifest)
  await makeEmptyFolder(folder, 'move it away, or name a new folder by --data-dir')
  await using _lock = await lockDataDirectory(folder)
  for (const { path } of manifest.files) {
    signal?.throwIfAborted()
    if (path.includes('/')) await copyFile(join(backup, path), folder, path)
  }
  await passPositions(join(folder, 'log'), manifest.lanes, clock)
  syncFolders(folder)
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  return { files: manifest.files.length, bytes, lanes: manifest.lanes.length, takenAtMicros: manifest.takenAtMicros }
}

async function passPositions(log: string, lanes: readonly Partition[], clock: Clock): Promise<void> {
  const logId = bytesOfLogId(await logIdOf(log))
  for (const lane of lanes) {
    const { path: folder } = await prepareFolder(log, lane)
    const { nextBase: base, epoch } = recoverLane(nodeFiles, folder, lane, logId)
    const path = join(folder, segmentName(base))
    nodeFiles.remove(path)
    const file = nodeFiles.open(path, 'create')
    try {
      const now = clock.wallMicros()
      writeAll(nodeFiles, file, encodeSegmentHeader({ lane, epoch, base, createdMicros: now, logId }), 0)
      writeAll(nodeFiles, file, encodeSeal(base, base + positionsPassedOnRestore, now), segmentHeaderBytes)
      nodeFiles.sync(file)
    } finally {
      nodeFiles.close(file)
    }
    nodeFiles.syncFolder(folder)
  }
}
