/** One file copied and made durable, with the sum of what was copied. */
import { createReadStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { BackupFile } from './manifest.ts'

const chunkBytes = 1 << 20

export async function copyFile(from: string, folder: string, path: string): Promise<BackupFile> {
  const to = join(folder, path)
  await mkdir(dirname(to), { recursive: true, mode: 0o700 })
  await using target = await open(to, 'wx', 0o600)
  let bytes = 0
  let sum = 0
  for await (const chunk of createReadStream(from, { highWaterMark: chunkBytes })) {
    const part = chunk as Buffer
    sum = crc32(part, sum)
    bytes += part.length
    await target.writeFile(part)
  }
  await target.sync()
  return { path, bytes, crc32: sum }
}
