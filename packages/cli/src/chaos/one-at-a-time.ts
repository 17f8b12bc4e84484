/** Two runs on one host would break each other's clusters and spoil each other's figures. */
import { open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asyncDisposable, HawserError } from '@hawser/std'

export async function oneAtATime(): Promise<AsyncDisposable> {
  const path = join(tmpdir(), 'hawser-chaos.lock')
  for (let attemptsLeft = 2; ; attemptsLeft--) {
    try {
      await using file = await open(path, 'wx', 0o600)
      await file.writeFile(`${process.pid}`)
      return asyncDisposable(() => rm(path, { force: true }))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      const pid = Number(await readFile(path, 'utf8').catch(() => ''))
      if (attemptsLeft === 1 || isAlive(pid)) {
        throw new HawserError('USAGE', `another hawser chaos runs here (pid ${pid})`, {
          mend: `wait for it, or stop it; if there is none, remove ${path}`,
        })
      }
      await rm(path, { force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
