/** Jars by Maven, in a folder of .cache. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { skipUnless } from '../support/skip-unless.ts'

const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'

export interface Jars {
  readonly folder: string
  /** Why what needs them is skipped here; false where they can run. */
  skipReason(): string | false
  /** Where they are not there, or older than the list of them. */
  install(): void
}

/** `pom.xml` in the folder `name` here lists them; `mark` begins the name of the one that shows that they are there. */
export function jarsOf(name: string, title: string, mark: string): Jars {
  const pom = fileURLToPath(new URL(`./${name}/pom.xml`, import.meta.url))
  const folder = fileURLToPath(new URL(`../../.cache/peers/${name}`, import.meta.url))
  const isInstalled = (): boolean => existsSync(folder) && readdirSync(folder).some((file) => file.startsWith(mark))
  return {
    folder,
    skipReason() {
      const isHere = isInstalled() && spawnSync('java', ['-version']).status === 0
      return skipUnless(isHere, `${title} is not here: node test/servers/${name}.ts install (needs Java 17 and Maven)`)
    },
    install() {
      // What is older than the list of jars may lack some, or have others.
      if (isInstalled() && statSync(folder).mtimeMs >= statSync(pom).mtimeMs) return
      rmSync(folder, { recursive: true, force: true })
      const where = ['-DincludeScope=runtime', `-DoutputDirectory=${folder}`]
      execFileSync('mvn', ['-q', '-f', pom, copyDependencies, ...where], { stdio: 'inherit' })
    },
  }
}
