/** `hawser chaos` as a user runs it, its files in a folder of the test's own; another run on this host does not matter to it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@hawser/std/testing'
import type { ChaosSummary } from '@hawser/verify/chaos'
import { type Ended, type RunningHawser, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'

export interface ChaosRun extends AsyncDisposable {
  readonly folder: string
  readonly process: RunningHawser
  /** Once it has ended. */
  result(): Promise<{ readonly ended: Ended; readonly summary: ChaosSummary; readonly html: string }>
}

export async function startChaos(args: (folder: string) => Promise<readonly string[]>): Promise<ChaosRun> {
  await using stack = new AsyncDisposableStack()
  const { path } = stack.use(await temporaryFolder())
  const files = ['--report', join(path, 'chaos.html'), '--summary', join(path, 'chaos.json')]
  const process = stack.use(startHawser(['chaos', ...(await args(path)), ...files, '--json'], { TMPDIR: path }))
  const owned = stack.move()
  return {
    folder: path,
    process,
    async result() {
      const ended = await process.ended
      const html = await readFile(join(path, 'chaos.html'), 'utf8').catch(() => '')
      const json = await readFile(join(path, 'chaos.json'), 'utf8').catch(() => '{}')
      return { ended, summary: JSON.parse(json) as ChaosSummary, html }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
