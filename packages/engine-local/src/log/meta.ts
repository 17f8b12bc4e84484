/** The log's name and version: written once, whole or not at all, before anything else. */
import { link, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogId } from '@hawser/engine'
import { HawserError, type Random } from '@hawser/std'
import { errorCode, nodeFiles } from './files.ts'
import { formatVersion } from './format.ts'

export const metaName = 'log.json'
const format = 'hawser-log'
export const logIdBytes = 16

export async function openMeta(folder: string, random: Random): Promise<LogId> {
  const path = join(folder, metaName)
  return (await readMeta(path)) ?? (await createMeta(folder, path, random))
}

/** Of a log that is there. */
export async function logIdOf(folder: string): Promise<LogId> {
  const path = join(folder, metaName)
  const id = await readMeta(path)
  if (id === undefined) throw unusable(path)
  return id
}

export const bytesOfLogId = (id: LogId): Uint8Array => Buffer.from(id, 'hex')

async function readMeta(path: string): Promise<LogId | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
  const meta = parse(text)
  if (meta?.format !== format) throw unusable(path)
  if (meta.version !== formatVersion) {
    throw new HawserError(
      'DATA_DIR_VERSION',
      `${path} says format ${meta.version}; this Hawser reads ${formatVersion}`,
      {
        mend: 'use the version of Hawser that wrote it, or another data folder',
      },
    )
  }
  if (typeof meta.id !== 'string' || !/^[0-9a-f]{32}$/.test(meta.id)) throw unusable(path)
  return meta.id as LogId
}

function parse(
  text: string,
): { readonly format?: unknown; readonly version?: unknown; readonly id?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

const unusable = (path: string): HawserError =>
  new HawserError('DATA_DIR_UNUSABLE', `${path} does not name a log`, {
    mend: 'restore it, or use another data folder',
  })

/** Of several processes that try at once one wins, and the others read what it wrote. */
async function createMeta(folder: string, path: string, random: Random): Promise<LogId> {
  const id = Buffer.from(random.bytes(logIdBytes)).toString('hex')
  const draft = `${path}.${id}`
  {
    await using file = await open(draft, 'wx', 0o600)
    await file.writeFile(`${JSON.stringify({ format, version: formatVersion, id })}\n`)
    await file.sync()
  }
  try {
    await link(draft, path)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
  await unlink(draft)
  nodeFiles.syncFolder(folder)
  const stored = await readMeta(path)
  if (stored === undefined) throw unusable(path)
  return stored
}
