import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Children of a process that was killed hear of it a moment later, and may write until then. */
const removal = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 } as const

/** A folder of the test's own, removed with `await using`. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'hawser-test-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, removal) }
}
