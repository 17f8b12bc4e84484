import { rmSync, writeFileSync } from 'node:fs'
import { disposable, HawserError } from '@hawser/std'

/** Taken away at the end. */
export function writePidFile(path: string): Disposable {
  try {
    writeFileSync(path, `${process.pid}`, { mode: 0o644 })
  } catch (cause) {
    throw new HawserError('CONFIG_INVALID', `pid_file ${path}: ${(cause as Error).message}`, {
      mend: 'name a file that can be written',
      cause,
    })
  }
  return disposable(() => {
    try {
      rmSync(path, { force: true })
    } catch {
      // The user that root was given up for may not write there; the file names a process that is gone.
    }
  })
}
