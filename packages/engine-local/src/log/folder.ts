/** The folder of a log and of its lane, made durable, and what its disk may answer put in one clear line. */
import { rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { HawserError } from '@hawser/std'
import { errorCode, isDiskFull, nodeFiles } from './files.ts'
import { laneFolderName } from './format.ts'

/** Answers the lane's folder, and whether it is a new one. */
export async function prepareFolder(
  folder: string,
  lane: number,
): Promise<{ readonly path: string; readonly isNew: boolean }> {
  const laneFolder = join(folder, laneFolderName(lane))
  const firstMade = await mkdir(laneFolder, { recursive: true, mode: 0o700 })
  if (firstMade !== undefined) {
    for (let made = laneFolder; made.length >= firstMade.length; made = dirname(made))
      nodeFiles.syncFolder(dirname(made))
  }
  return { path: laneFolder, isNew: firstMade !== undefined }
}

const probeName = 'probe'
const probeBytes = 4_096

/** Writes and removes a small file, so that a disk that takes nothing is said before anyone relies on it. */
export function probeDisk(folder: string): void {
  const path = join(folder, probeName)
  try {
    writeFileSync(path, Buffer.alloc(probeBytes), { flush: true })
  } finally {
    rmSync(path, { force: true })
  }
}

export const diskFullError = (folder: string, message: string, cause?: unknown): HawserError =>
  new HawserError('DISK_FULL', `the disk of ${folder} is full: ${message}`, {
    retryable: true,
    mend: 'make room on it; appending then goes on by itself',
    cause,
  })

export const unusableError = (folder: string, message: string, cause?: unknown): HawserError =>
  new HawserError('DATA_DIR_UNUSABLE', `${folder} cannot be used: ${message}`, {
    mend: 'check its disk and its permissions, or use another data folder',
    cause,
  })

/** For what the file system throws while a log is opened. */
export function openingError(folder: string, error: unknown): unknown {
  if (error instanceof HawserError || errorCode(error) === '') return error
  const message = error instanceof Error ? error.message : String(error)
  return isDiskFull(error) ? diskFullError(folder, message, error) : unusableError(folder, message, error)
}
