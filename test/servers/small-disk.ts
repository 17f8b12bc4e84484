/** A disk of a few megabytes that can be filled: a file system in memory, which only root may mount. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { skipUnless } from '../support/skip-unless.ts'

const blockBytes = 1 << 20

/** Why there can be none here; false where there can. */
export function smallDiskSkipReason(): string | false {
  const mayMount = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/proc/mounts')
  return skipUnless(mayMount, 'a small disk is mounted by root alone, on Linux')
}

export interface SmallDisk extends AsyncDisposable {
  readonly path: string
  /** Takes all that is free. */
  fill(): Promise<void>
  free(): Promise<void>
}

export async function mountSmallDisk(megabytes: number): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), 'hawser-small-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'hawser-small-disk', path])
  const ballast = join(path, 'ballast')
  return {
    path,
    fill: () => fill(ballast),
    free: () => rm(ballast),
    async [Symbol.asyncDispose]() {
      execFileSync('umount', ['--lazy', path])
      await rm(path, { recursive: true, force: true })
    },
  }
}

async function fill(path: string): Promise<void> {
  await using file = await open(path, 'a')
  for (let bytes = blockBytes; bytes >= 1; ) {
    try {
      await file.appendFile(Buffer.alloc(bytes))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      bytes = bytes >>> 1
    }
  }
}
