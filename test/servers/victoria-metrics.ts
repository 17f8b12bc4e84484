/** A VictoriaMetrics of the test's own, from Debian's package: it takes the API of InfluxDB 2, which Debian does not have. */
import { existsSync } from 'node:fs'
import { temporaryFolder } from '../../packages/std/src/testing/mod.ts'
import { start } from '../support/programs.ts'
import { skipUnless } from '../support/skip-unless.ts'
import { freePort } from './free-port.ts'

const binary = '/usr/bin/victoria-metrics'

/** Why tests against it are skipped here; false where they can run. */
export function victoriaSkipReason(): string | false {
  return skipUnless(existsSync(binary), 'VictoriaMetrics is not here: apt install victoria-metrics')
}

interface Exported {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly number[]
  readonly timestamps: readonly number[]
}

export interface VictoriaServer extends AsyncDisposable {
  readonly url: string
  export(selector: string): Promise<readonly Exported[]>
}

export async function startVictoria(): Promise<VictoriaServer> {
  await using stack = new AsyncDisposableStack()
  const { path: home } = stack.use(await temporaryFolder())
  const url = `http://127.0.0.1:${await freePort()}`
  const flags = { storageDataPath: home, httpListenAddr: new URL(url).host, retentionPeriod: '100y' }
  const argv = Object.entries(flags).map(([name, value]) => `-${name}=${value}`)
  const server = start(binary, argv)
  await server.printed('pprof handlers are exposed')
  const owned = stack.move()
  return {
    url,
    async export(selector) {
      await fetch(`${url}/internal/force_flush`)
      const response = await fetch(`${url}/api/v1/export?${new URLSearchParams({ 'match[]': selector })}`)
      const lines = (await response.text()).split('\n').filter((line) => line !== '')
      return lines.map((line) => JSON.parse(line))
    },
    async [Symbol.asyncDispose]() {
      server.kill('SIGKILL')
      await server.finished
      await owned.disposeAsync()
    },
  }
}
