/** A VictoriaMetrics of the test's own, from Debian's package: it takes the API of InfluxDB 2, which Debian does not have. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './free-port.ts'

const binary = '/usr/bin/victoria-metrics'

/** Why tests against it are skipped here; false where they can run. */
export function victoriaSkipReason(): string | false {
  if (existsSync(binary)) return false
  const reason = 'VictoriaMetrics is not here: apt install victoria-metrics'
  if (process.env['HAWSER_REQUIRE_SERVERS'] === '1') throw new Error(reason)
  return reason
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
  const home = await mkdtemp(join(tmpdir(), 'hawser-victoria-'))
  const url = `http://127.0.0.1:${await freePort()}`
  const flags = { storageDataPath: home, httpListenAddr: new URL(url).host, retentionPeriod: '100y' }
  const argv = Object.entries(flags).map(([name, value]) => `-${name}=${value}`)
  const server = spawn(binary, argv, { stdio: ['ignore', 'ignore', 'pipe'] })
  const exit = once(server, 'exit')
  let output = ''
  for await (const line of createInterface(server.stderr)) {
    output += `${line}\n`
    if (line.includes('pprof handlers are exposed')) break
  }
  server.stderr.resume()
  if (server.exitCode !== null) throw new Error(`VictoriaMetrics does not start:\n${output}`)
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
      await exit
      await rm(home, { recursive: true, force: true })
    },
  }
}
