/** What a backup consists of: written last, so that a folder without it is no whole backup. */
import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Partition } from '@hawser/engine'
import { HawserError } from '@hawser/std'
import { errorCode, nodeFiles } from '../log/files.ts'

export const manifestName = 'backup.json'
const format = 'hawser-backup'
const version = 1

export interface BackupFile {
  /** Within the backup, with `/`. */
  readonly path: string
  readonly bytes: number
  readonly crc32: number
}

export interface Manifest {
  readonly logId: string
  readonly layoutVersion: string
  /** Wall time, µs. */
  readonly takenAtMicros: number
  readonly lanes: readonly Partition[]
  readonly files: readonly BackupFile[]
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await using file = await open(join(folder, manifestName), 'wx', 0o600)
  await file.writeFile(`${JSON.stringify({ format, version, ...manifest }, undefined, 1)}\n`)
  await file.sync()
  nodeFiles.syncFolder(folder)
}

export async function readManifest(folder: string): Promise<Manifest> {
  let text: string
  try {
    text = await readFile(join(folder, manifestName), 'utf8')
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error
    throw new HawserError('DATA_DIR_UNUSABLE', `${folder} is no whole backup: it has no ${manifestName}`, {
      mend: 'name a folder that hawser backup has finished',
      cause: error,
    })
  }
  const manifest = parse(text)
  if (manifest === undefined) throw damagedBackup(join(folder, manifestName), 'it cannot be read')
  if (manifest.format !== format || manifest.version !== version) {
    throw new HawserError('DATA_DIR_VERSION', `${folder} is a backup of format ${manifest.version}, not ${version}`, {
      mend: 'use the version of Hawser that made it',
    })
  }
  return manifest
}

function parse(text: string): (Manifest & { readonly format: unknown; readonly version: unknown }) | undefined {
  try {
    return JSON.parse(text) as ReturnType<typeof parse>
  } catch {
    return undefined
  }
}

/** Throws `DATA_CORRUPT` at the first file that is not as it was backed up. */
export async function checkBackup(folder: string, { files }: Manifest): Promise<void> {
  for (const { path, bytes, crc32: expected } of files) {
    const found = await sumOf(join(folder, path))
    if (found === undefined) throw damagedBackup(join(folder, path), 'it is missing')
    if (found.bytes !== bytes) throw damagedBackup(join(folder, path), `it has ${found.bytes} bytes of ${bytes}`)
    if (found.crc32 !== expected) throw damagedBackup(join(folder, path), 'its bytes are not those that were written')
  }
}

/** Undefined where there is no such file. */
export async function sumOf(path: string): Promise<{ readonly bytes: number; readonly crc32: number } | undefined> {
  let bytes = 0
  let sum = 0
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      bytes += (chunk as Buffer).length
      sum = crc32(chunk as Buffer, sum)
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
  return { bytes, crc32: sum }
}

const damagedBackup = (file: string, what: string): HawserError =>
  new HawserError('DATA_CORRUPT', `${file} of the backup is damaged: ${what}`, { mend: 'use another backup' })
