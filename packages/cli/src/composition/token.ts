/** The token that REST asks for: made at the first start, readable by the owner alone. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Random } from '@hawser/std'

const tokenBytes = 32

export const tokenPath = (dataDir: string): string => join(dataDir, 'token')

export const ensureToken = (dataDir: string, random: Random): Promise<string> =>
  ensureSecret(tokenPath(dataDir), random)

/** A secret of this data folder's own. */
export async function ensureSecret(path: string, random: Random): Promise<string> {
  const kept = await readFile(path, 'utf8').catch(() => '')
  if (kept.trim().length >= tokenBytes) {
    await chmod(path, 0o600)
    return kept.trim()
  }
  const token = Buffer.from(random.bytes(tokenBytes)).toString('hex')
  // With everything in memory nobody else makes the folder.
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, `${token}\n`, { mode: 0o600 })
  await chmod(path, 0o600)
  return token
}
