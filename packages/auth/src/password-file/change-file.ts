/** Password files as `hawser passwd` changes them: other lines stay as they are, and the file is whole at any time. */
import { chmod, open, readFile, rename, rm, stat } from 'node:fs/promises'
import type { Random } from '@hawser/std'

/** Undefined: there is no such file. */
export async function readPasswordText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const lineOf = (text: string, user: string): number =>
  text.split('\n').findIndex((line) => !line.startsWith('#') && line.startsWith(`${user}:`))

export function withUser(text: string, user: string, hash: string): string {
  const lines = text.split('\n')
  const at = lineOf(text, user)
  if (at >= 0) return lines.with(at, `${user}:${hash}`).join('\n')
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return `${before}${user}:${hash}\n`
}

/** Undefined: there is no such user. */
export function withoutUser(text: string, user: string): string | undefined {
  const at = lineOf(text, user)
  return at < 0 ? undefined : text.split('\n').toSpliced(at, 1).join('\n')
}

/** Written beside it and moved over it; readable by the owner alone, or as it was. */
export async function replacePasswordFile(path: string, text: string, random: Random): Promise<void> {
  const beside = `${path}.${Buffer.from(random.bytes(6)).toString('hex')}`
  const mode = await stat(path).then(
    (found) => found.mode & 0o640,
    () => 0o600,
  )
  try {
    const file = await open(beside, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await chmod(beside, mode)
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}
