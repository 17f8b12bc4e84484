/**
 * A real cluster of NATS servers with JetStream, of the test's own: loopback, private ports, a temporary folder; the
 * binary is in .cache.
 *
 *   node test/servers/nats.ts run [servers]   starts one (of 3), prints its URLs, and ends it at Ctrl-C
 */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { milliseconds, sleep, systemClock } from '../../packages/std/src/mod.ts'
import { temporaryFolder } from '../../packages/std/src/testing/mod.ts'
import { type Running, start } from '../support/programs.ts'
import { skipUnless } from '../support/skip-unless.ts'
import { freePort } from './free-port.ts'

const binary = fileURLToPath(new URL('../../.cache/peers/nats-server', import.meta.url))
const serversByDefault = 3
/** Between looks at whether the servers have chosen who leads. */
const lookEveryMs = milliseconds(50)
const readyMsMax = milliseconds(30_000)
const attemptsMax = 3

/** Why tests against real NATS servers are skipped here; false where they can run. */
export function natsSkipReason(): string | false {
  return skipUnless(existsSync(binary), 'nats-server is not here: .ci/peers builds it (needs Go)')
}

export interface NatsServer {
  readonly name: string
  /** `host:port` */
  readonly address: string
  readonly monitorUrl: string
  /** At once by SIGKILL, frozen by SIGSTOP, thawed by SIGCONT, lame duck by SIGUSR2. */
  signal(signal: NodeJS.Signals): void
  /** Resolves when it has ended. */
  kill(): Promise<void>
  start(): Promise<void>
}

export interface NatsCluster extends AsyncDisposable {
  readonly servers: readonly NatsServer[]
  /** Of all of them: `nats://host:port,…` */
  readonly url: string
}

export interface NatsClusterOptions {
  readonly servers?: number
  /** Lines of a server's configuration behind ours. */
  readonly settings?: (name: string) => string
  /** Of each server's JetStream. */
  readonly storeBytesMax?: number
  /** Of JetStream, in place of `always`. */
  readonly syncInterval?: string
}

interface Ports {
  readonly name: string
  readonly client: number
  readonly route: number
  readonly monitor: number
}

export async function startNatsCluster(options: NatsClusterOptions = {}): Promise<NatsCluster> {
  const reason = natsSkipReason()
  if (reason !== false) throw new Error(reason)
  for (let left = attemptsMax - 1; ; left--) {
    try {
      return await startAtFreePorts(options)
    } catch (error) {
      // A port that was free a moment ago may be another test's by now.
      if (left === 0) throw error
    }
  }
}

async function startAtFreePorts(options: NatsClusterOptions): Promise<NatsCluster> {
  await using stack = new AsyncDisposableStack()
  const { path: home } = stack.use(await temporaryFolder())
  const all: Ports[] = []
  for (let index = 0; index < (options.servers ?? serversByDefault); index++) {
    all.push({ name: `n${index}`, client: await freePort(), route: await freePort(), monitor: await freePort() })
  }
  const servers: NatsServer[] = []
  for (const ports of all) {
    const file = join(home, `${ports.name}.conf`)
    await writeFile(file, configuration(home, ports, all, options))
    const server = serverOf(file, ports)
    stack.defer(() => server.kill())
    servers.push(server)
  }
  await Promise.all(servers.map((server) => server.start()))
  await Promise.all(all.map(({ monitor }) => ready(monitor)))
  const owned = stack.move()
  return {
    servers,
    url: servers.map(({ address }) => `nats://${address}`).join(','),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function serverOf(file: string, { name, client, monitor }: Ports): NatsServer {
  let running: Running | undefined
  return {
    name,
    address: `127.0.0.1:${client}`,
    monitorUrl: `http://127.0.0.1:${monitor}`,
    signal: (signal) => running?.kill(signal),
    async kill() {
      running?.kill('SIGKILL')
      await running?.finished
      running = undefined
    },
    async start() {
      running = start(binary, ['-c', file])
      await running.printed('Server is ready')
    },
  }
}

/** JetStream's own leader is chosen a while after the servers have found each other. */
async function ready(monitor: number): Promise<void> {
  const lateMs = systemClock.monotonicMs() + readyMsMax
  while (systemClock.monotonicMs() < lateMs) {
    const answer = await fetch(`http://127.0.0.1:${monitor}/healthz`).catch(() => undefined)
    if (answer?.ok === true) return
    await sleep(systemClock, lookEveryMs)
  }
  throw new Error(`the NATS server with its monitor on port ${monitor} is not healthy after ${readyMsMax} ms`)
}

const configuration = (home: string, own: Ports, all: readonly Ports[], options: NatsClusterOptions): string => `
server_name: ${own.name}
listen: 127.0.0.1:${own.client}
http: 127.0.0.1:${own.monitor}
jetstream { store_dir: "${home}/${own.name}", sync_interval: ${options.syncInterval ?? 'always'}${storeBound(options)} }
${all.length === 1 ? '' : clusterSection(own, all)}
${options.settings?.(own.name) ?? ''}
`

const storeBound = ({ storeBytesMax }: NatsClusterOptions): string =>
  storeBytesMax === undefined ? '' : `, max_file_store: ${storeBytesMax}`

const clusterSection = (own: Ports, all: readonly Ports[]): string => `
cluster {
  name: hawser-test
  listen: 127.0.0.1:${own.route}
  routes: [${all.map(({ route }) => `nats://127.0.0.1:${route}`).join(', ')}]
}`

if (import.meta.main) {
  const [command = '', servers = String(serversByDefault)] = process.argv.slice(2)
  if (command !== 'run') {
    process.stderr.write('usage: node test/servers/nats.ts run [servers]\n')
    process.exitCode = 2
  } else {
    await using cluster = await startNatsCluster({ servers: Number(servers) })
    process.stdout.write(`${cluster.url}\n`)
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  }
}
