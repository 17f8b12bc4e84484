/**
 * A real PostgreSQL of the test's own: Debian's binaries, a temporary cluster, a private port; never the system's.
 *
 *   node test/servers/postgres.ts install   installs Debian's postgresql-15 without a cluster of its own (root)
 *   node test/servers/postgres.ts run       starts one, prints its URL, and ends it at Ctrl-C
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { skipUnless } from '../support/skip-unless.ts'
import { freePort } from './free-port.ts'

const debianPackage = 'postgresql-15'
const debianBinaries = '/usr/lib/postgresql'
const startAttemptsMax = 20

/** Why tests against a real PostgreSQL are skipped here; false where they can run. */
export function postgresSkipReason(): string | false {
  const howToGet = `node test/servers/postgres.ts install (or apt install ${debianPackage})`
  return skipUnless(binaryFolder() !== undefined, `PostgreSQL's initdb is not here: ${howToGet}`)
}

function binaryFolder(): string | undefined {
  const versions = existsSync(debianBinaries) ? readdirSync(debianBinaries).sort((a, b) => Number(b) - Number(a)) : []
  const candidates = versions.map((version) => join(debianBinaries, version, 'bin'))
  return [...candidates, ...(process.env['PATH'] ?? '').split(':')].find((folder) => existsSync(join(folder, 'initdb')))
}

export interface PostgresServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Makes a folder its own. */
  own(folder: string): Promise<void>
  /** Ends it at once, as a crash of the machine would: connections break, and the next start recovers. */
  kill(): Promise<void>
  start(): Promise<void>
}

export interface PostgresServerOptions {
  /** `name=value`, over ours. */
  readonly settings?: readonly string[]
  /** Contents by their names in the data folder; the server may read them, and nobody else. */
  readonly files?: Readonly<Record<string, string>>
}

export async function startPostgres(further: PostgresServerOptions = {}): Promise<PostgresServer> {
  const binaries = binaryFolder()
  if (binaries === undefined) throw new Error(String(postgresSkipReason()))
  const user = unprivilegedUser()
  const home = await mkdtemp(join(tmpdir(), 'hawser-postgres-'))
  await chownTo(home, user)
  const data = join(home, 'data')
  const options = { ...user, cwd: home, env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' } }
  const initdb = ['-D', data, '-U', 'hawser', '-A', 'trust', '-E', 'UTF8', '--no-sync']
  execFileSync(join(binaries, 'initdb'), initdb, { ...options, stdio: 'ignore' })

  const port = await freePort()
  for (const [name, content] of Object.entries(further.files ?? {})) {
    const file = join(data, name)
    await writeFile(file, content, { mode: 0o600 })
    await chownTo(file, user)
  }
  const fixed = ['listen_addresses=127.0.0.1', `unix_socket_directories=${home}`, 'log_min_messages=log']
  const settings = [...fixed, ...(further.settings ?? [])]
  const argv = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  let server: ChildProcess | undefined
  const start = async (): Promise<void> => {
    server = await started(() =>
      spawn(join(binaries, 'postgres'), argv, { ...options, stdio: ['ignore', 'ignore', 'pipe'] }),
    )
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = server
    server = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const exit = once(running, 'exit')
    running.kill(signal)
    await exit
  }
  await start()
  return {
    url: `postgres://hawser@127.0.0.1:${port}/postgres`,
    port,
    own: (folder) => chownTo(folder, user),
    start,
    kill: () => end('SIGKILL'),
    async [Symbol.asyncDispose]() {
      await end('SIGINT')
      await rm(home, { recursive: true, force: true })
    },
  }
}

interface User {
  readonly uid?: number
  readonly gid?: number
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): User {
  if (process.getuid?.() !== 0) return {}
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  const found = ['postgres', 'nobody'].flatMap((name) => users.find((line) => line.startsWith(`${name}:`)) ?? [])[0]
  const [, , uid, gid] = found?.split(':') ?? []
  if (uid === undefined || gid === undefined) throw new Error('there is neither a user postgres nor nobody to run as')
  return { uid: Number(uid), gid: Number(gid) }
}

async function chownTo(path: string, { uid, gid }: User): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid)
}

/** After a kill, processes of the old server may hold its shared memory for a moment: then the start is repeated. */
async function started(launch: () => ChildProcess): Promise<ChildProcess> {
  let output = ''
  for (let attempt = 0; attempt < startAttemptsMax; attempt++) {
    const server = launch()
    if (server.stderr === null) throw new Error('the server has no error output')
    for await (const line of createInterface(server.stderr)) {
      output += `${line}\n`
      if (line.includes('ready to accept connections')) {
        server.stderr.resume()
        return server
      }
    }
  }
  throw new Error(`PostgreSQL does not start:\n${output}`)
}

async function install(): Promise<void> {
  if (binaryFolder() !== undefined) return
  // Debian's package would otherwise make and start a cluster of the system's own.
  await mkdir('/etc/postgresql-common', { recursive: true })
  await writeFile('/etc/postgresql-common/createcluster.conf', 'create_main_cluster = false\n')
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', debianPackage], { stdio: 'inherit' })
}

async function run(): Promise<void> {
  await using server = await startPostgres()
  process.stdout.write(`${server.url}\n`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
}

if (import.meta.main) {
  const [command = ''] = process.argv.slice(2)
  const commands: Readonly<Record<string, () => Promise<void>>> = { install, run }
  const chosen = commands[command]
  if (chosen === undefined) {
    process.stderr.write('usage: node test/servers/postgres.ts install | run\n')
    process.exitCode = 2
  } else await chosen()
}
