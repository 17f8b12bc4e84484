/** What becomes of files that are written no more: compressed, and in the end deleted. */
import { createReadStream, createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { removeFile, syncFolder } from './checkpoint.ts'
import { listLogFiles } from './file-names.ts'

/** Brings the files below `active` in order, however often it was broken off before. */
export async function retireFiles(
  folder: string,
  active: number,
  filesMax: number,
  signal: AbortSignal,
): Promise<void> {
  const retired = (await listLogFiles(folder)).filter((file) => file.sequence < active)
  const sequences = [...new Set(retired.map((file) => file.sequence))]
  const expired = new Set(sequences.slice(0, Math.max(0, sequences.length - (filesMax - 1))))
  const compressed = new Set(retired.filter(({ kind }) => kind === 'compressed').map(({ sequence }) => sequence))
  for (const { name, sequence, kind } of retired) {
    const path = join(folder, name)
    const copied = kind === 'plain' && compressed.has(sequence)
    if (expired.has(sequence) || kind === 'half-compressed' || copied) await removeFile(path)
    else if (kind === 'plain') await compress(folder, path, signal)
  }
}

async function compress(folder: string, path: string, signal: AbortSignal): Promise<void> {
  const half = `${path}.gz.new`
  // `flush` syncs the file before it is closed.
  await pipeline(createReadStream(path), createGzip(), createWriteStream(half, { flush: true, mode: 0o600 }), {
    signal,
  })
  await rename(half, `${path}.gz`)
  await syncFolder(folder)
  await removeFile(path)
}
