/**
 * A real Kafka of the test's own: one node in KRaft mode, a temporary folder, private ports; the jars are in .cache.
 *
 *   node test/servers/kafka.ts install   fetches the jars by Maven
 *   node test/servers/kafka.ts run       starts one, prints its address, and ends it at Ctrl-C
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './free-port.ts'
import { jarsOf } from './maven.ts'

const jars = jarsOf('kafka', 'Kafka', 'kafka_')
/** Of 22 characters, as Kafka writes a UUID; each server is alone in its cluster. */
const clusterId = 'HawserTestClusterAAAAA'
const startAttemptsMax = 5

export const kafkaClassPath = join(jars.folder, '*')

/** Why tests against a real Kafka are skipped here; false where they can run. */
export const kafkaSkipReason = jars.skipReason

export interface KafkaServer extends AsyncDisposable {
  /** `host:port` */
  readonly address: string
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  start(): Promise<void>
  /** To its process, where it runs. */
  signal(signal: NodeJS.Signals): void
  /** Resolves once it has ended by itself. */
  readonly ended: () => Promise<void>
}

export interface KafkaServerOptions {
  /** Further words for the tool that makes the data folder. */
  readonly format?: readonly string[]
  /** Lines of server.properties over ours. */
  readonly properties?: (ports: {
    readonly port: number
    readonly controllerPort: number
  }) => Readonly<Record<string, string>>
}

export async function startKafka(options: KafkaServerOptions = {}): Promise<KafkaServer> {
  const reason = kafkaSkipReason()
  if (reason !== false) throw new Error(reason)
  const home = await mkdtemp(join(tmpdir(), 'hawser-kafka-'))
  const [port, controllerPort] = [await freePort(), await freePort()]
  const file = join(home, 'server.properties')
  const properties = {
    ...serverProperties(home, port, controllerPort),
    ...options.properties?.({ port, controllerPort }),
  }
  await writeFile(
    file,
    Object.entries(properties)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  // Started often and for a short time, beside other work: the JVM's quick compiler and its small collector.
  const quick = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
  const java = ['-Xmx512m', ...quick, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', kafkaClassPath]
  const format = [...java, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file, ...(options.format ?? [])]
  execFileSync('java', format, { stdio: ['ignore', 'ignore', 'pipe'] })

  let server: ChildProcess | undefined
  const start = async (): Promise<void> => {
    // Of the many lines that it writes, the one that says it is ready.
    const logging = ['-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info']
    server = await started(() =>
      spawn('java', [...logging, ...java, 'kafka.Kafka', file], { stdio: ['ignore', 'ignore', 'pipe'] }),
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
    address: `127.0.0.1:${port}`,
    start,
    kill: () => end('SIGKILL'),
    signal: (signal) => void server?.kill(signal),
    async ended() {
      if (server !== undefined && server.exitCode === null && server.signalCode === null) await once(server, 'exit')
    },
    async [Symbol.asyncDispose]() {
      await end('SIGKILL')
      await rm(home, { recursive: true, force: true })
    },
  }
}

function serverProperties(home: string, port: number, controllerPort: number): Readonly<Record<string, string>> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(home, 'data'),
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // After a kill -9 the controller holds the old registration for so long.
    'broker.session.timeout.ms': '2000',
    'broker.heartbeat.interval.ms': '500',
    'auto.create.topics.enable': 'false',
  }
}

/** The port may be in use for a moment after a kill: then the start is repeated. */
async function started(launch: () => ChildProcess): Promise<ChildProcess> {
  let output = ''
  for (let attempt = 0; attempt < startAttemptsMax; attempt++) {
    const server = launch()
    if (server.stderr === null) throw new Error('the server has no error output')
    for await (const line of createInterface(server.stderr)) {
      output += `${line}\n`
      if (!line.includes('Kafka Server started')) continue
      server.stderr.resume()
      return server
    }
  }
  throw new Error(`Kafka does not start:\n${output}`)
}

async function run(): Promise<void> {
  await using server = await startKafka()
  process.stdout.write(`${server.address}\n`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
}

if (import.meta.main) {
  const [command = ''] = process.argv.slice(2)
  const commands: Readonly<Record<string, () => void | Promise<void>>> = { install: jars.install, run }
  const chosen = commands[command]
  if (chosen === undefined) {
    process.stderr.write('usage: node test/servers/kafka.ts install | run\n')
    process.exitCode = 2
  } else await chosen()
}
