/**
 * The checkpoint of a folder of logs: which file is being written, how much of it counts, and the cursor that stands
 * for just those lines. It is replaced by rename, after the lines are on disk: what stands behind it never happened.
 */
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type LogId, partition, position } from '@hawser/engine'
import { type EpochMicros, epochMicros, HawserError } from '@hawser/std'
import type { Checkpoint } from '../connector.ts'

const fileName = '.checkpoint.json'
const formatVersion = 1

export interface FileCheckpoint extends Checkpoint {
  /** Number of the file that is being written. */
  readonly sequence: number
  readonly bytes: number
  /** When that file was begun. */
  readonly startedAt: EpochMicros
}

/** As it stands in the file. */
interface StoredCheckpoint {
  readonly version: number
  readonly log_id: string
  readonly sequence: number
  readonly bytes: number
  readonly started_at_micros: number
  readonly cursor: readonly (readonly [partition: number, position: number])[]
}

export async function readCheckpoint(folder: string): Promise<FileCheckpoint | undefined> {
  const path = join(folder, fileName)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const stored = parse(path, text)
  return {
    logId: stored.log_id as LogId,
    sequence: stored.sequence,
    bytes: stored.bytes,
    startedAt: epochMicros(stored.started_at_micros),
    cursor: new Map(stored.cursor.map(([of, at]) => [partition(of), position(at)])),
  }
}

function parse(path: string, text: string): StoredCheckpoint {
  let stored: StoredCheckpoint
  try {
    stored = JSON.parse(text)
  } catch (cause) {
    throw new HawserError('DATA_CORRUPT', `${path} is damaged`, {
      mend: 'move the folder away, and it is written again from the log',
      cause,
    })
  }
  if (stored.version === formatVersion) return stored
  throw new HawserError(
    'DATA_DIR_VERSION',
    `${path} has format ${stored.version}, this program knows ${formatVersion}`,
    {
      mend: 'use the newer program, or another folder',
    },
  )
}

export async function writeCheckpoint(folder: string, checkpoint: FileCheckpoint): Promise<void> {
  const stored: StoredCheckpoint = {
    version: formatVersion,
    log_id: checkpoint.logId,
    sequence: checkpoint.sequence,
    bytes: checkpoint.bytes,
    started_at_micros: checkpoint.startedAt,
    cursor: [...checkpoint.cursor],
  }
  const temporary = join(folder, `${fileName}.new`)
  {
    await using file = await open(temporary, 'w', 0o600)
    await file.writeFile(JSON.stringify(stored))
    await file.sync()
  }
  await rename(temporary, join(folder, fileName))
  await syncFolder(folder)
}

/** Makes names that came and went in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no fsync of folders.
  if (process.platform === 'win32') return
  await using handle = await open(folder, 'r')
  await handle.sync()
}

export const removeFile = (path: string): Promise<void> => rm(path, { force: true })
