/** A disk of the run's own that is filled up: a file system in memory, which only root may mount. */
import { execFile } from 'node:child_process'
import { mkdir, open, rm } from 'node:fs/promises'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { milliseconds } from '@hawser/std'
import type { Fault } from './fault.ts'

const diskMegabytes = 512
const blockBytes = 1 << 20
const run = promisify(execFile)

/** Why there can be none here. */
export function smallDiskMissing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'a disk that may be filled is mounted by root alone, on Linux'
  }
  if (freemem() < 2 * diskMegabytes * blockBytes) return `a disk of ${diskMegabytes} MiB in memory has no room here`
  return undefined
}

/** Empty, and gone with `owned`. Throws where it may not be mounted, as in most containers. */
export async function mountSmallDisk(path: string, owned: AsyncDisposableStack): Promise<void> {
  await mkdir(path, { recursive: true })
  await run('mount', ['-t', 'tmpfs', '-o', `size=${diskMegabytes}m,mode=700`, 'hawser-chaos', path])
  // Lazily: a node that is just ending may still have files open.
  owned.defer(async () => void (await run('umount', ['--lazy', path])))
}

/** `whose`: in words. `recover`: what must be well again behind it. */
export const diskFault = (path: string, whose: string, recover: () => Promise<void>): Fault => ({
  name: 'disk',
  isLate: true,
  holdMs: milliseconds(3_000),
  async inject({ undo, signal }) {
    const ballast = join(path, 'ballast')
    undo.defer(async () => {
      await rm(ballast, { force: true })
      if (!signal.aborted) await recover()
    })
    const bytes = await fill(ballast)
    return `the disk of ${whose} filled with ${Math.round(bytes / blockBytes)} MiB`
  },
})

async function fill(path: string): Promise<number> {
  await using file = await open(path, 'a')
  let written = 0
  for (let bytes = blockBytes; bytes >= 1; ) {
    try {
      await file.appendFile(Buffer.alloc(bytes))
      written += bytes
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      bytes = bytes >>> 1
    }
  }
  return written
}
