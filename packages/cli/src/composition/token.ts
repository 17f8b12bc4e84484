/** The token that REST asks for: made at the first start, readable by the owner alone. */
import { chmod, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Random } from '@hawser/std'

const tokenBytes = 32

export const tokenPath = (dataDir: string): string => join(dataDir, 'token')

export const ensureToken = (dataDir: string, random: Random): Promise<string> =>
  ensureSecret(tokenPath(dataDir), random)

/** A secret of this data folder's own; processes that make it at the same time have the same one. */
export async function ensureSecret(path: string, random: Random): Promise<string> {
  const kept = await readSecret(path)
  if (kept !== undefined) {
    await chmod(path, 0o600)
    return kept
  }
  const secret = Buffer.from(random.bytes(tokenBytes)).toString('hex')
  // With everything in memory nobody else makes the folder.
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const made = `${path}.${process.pid}`
  await writeFile(made, `${secret}\n`, { mode: 0o600 })
  try {
    await link(made, path)
    return secret
  } catch (error) {
    if (!isThere(error)) throw error
    const others = await readSecret(path)
    if (others !== undefined) return others
    // What stands there is too short to be a secret.
    await rename(made, path)
    return secret
  } finally {
    await rm(made, { force: true })
  }
}

async function readSecret(path: string): Promise<string | undefined> {
  const text = (await readFile(path, 'utf8').catch(() => '')).trim()
  return text.length >= tokenBytes ? text : undefined
}

const isThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST'
