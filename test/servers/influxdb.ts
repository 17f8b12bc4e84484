/**
 * A real InfluxDB 1 of the test's own, from Debian's package: a temporary folder, private ports.
 *
 *   node test/servers/influxdb.ts run       starts one, prints its URL, and ends it at Ctrl-C
 */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../../packages/std/src/testing/mod.ts'
import { type Running, start } from '../support/programs.ts'
import { skipUnless } from '../support/skip-unless.ts'
import { freePort } from './free-port.ts'

const binary = '/usr/bin/influxd'

/** Why tests against a real InfluxDB are skipped here; false where they can run. */
export function influxSkipReason(): string | false {
  return skipUnless(existsSync(binary), 'InfluxDB is not here: apt install influxdb')
}

export interface InfluxServer extends AsyncDisposable {
  readonly url: string
  /** Of InfluxQL; answers the rows of its only series, or none. */
  query(database: string, statement: string): Promise<readonly (readonly unknown[])[]>
  /** The same as CSV: numbers as the server writes them. */
  csv(database: string, statement: string): Promise<string>
  kill(): Promise<void>
  start(): Promise<void>
}

interface QueryAnswer {
  readonly results: readonly {
    readonly error?: string
    readonly series?: readonly { readonly values: readonly (readonly unknown[])[] }[]
  }[]
}

export async function startInflux(): Promise<InfluxServer> {
  await using stack = new AsyncDisposableStack()
  const { path: home } = stack.use(await temporaryFolder())
  const [port, rpcPort] = [await freePort(), await freePort()]
  const file = join(home, 'influxdb.conf')
  const url = `http://127.0.0.1:${port}`
  await writeFile(file, configuration(home, port, rpcPort))
  let server: Running | undefined
  const owned = stack.move()
  const kill = async (): Promise<void> => {
    server?.kill('SIGKILL')
    await server?.finished
  }
  const running: InfluxServer = {
    url,
    async query(database, statement) {
      const { results }: QueryAnswer = JSON.parse(await ask(url, database, statement, 'application/json'))
      const failure = results.find(({ error }) => error !== undefined)
      if (failure !== undefined) throw new Error(failure.error)
      return results.flatMap(({ series = [] }) => series.flatMap(({ values }) => values))
    },
    csv: (database, statement) => ask(url, database, statement, 'application/csv'),
    async start() {
      server = start(binary, ['-config', file])
      await server.printed('Listening for signals')
    },
    kill,
    async [Symbol.asyncDispose]() {
      await kill()
      await owned.disposeAsync()
    },
  }
  await running.start()
  return running
}

async function ask(url: string, database: string, statement: string, accept: string): Promise<string> {
  const search = new URLSearchParams({ db: database, q: statement, epoch: 'ns' })
  const response = await fetch(`${url}/query?${search}`, { method: 'POST', headers: { accept } })
  const text = await response.text()
  if (response.ok) return text
  throw new Error(text)
}

const configuration = (home: string, port: number, rpcPort: number): string => `
reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
dir = "${home}/meta"
[data]
dir = "${home}/data"
wal-dir = "${home}/wal"
max-values-per-tag = 0
[http]
bind-address = "127.0.0.1:${port}"
log-enabled = false
[monitor]
store-enabled = false
[logging]
level = "info"
`

if (import.meta.main) {
  await using server = await startInflux()
  process.stdout.write(`${server.url}\n`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
}
