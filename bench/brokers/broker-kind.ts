/** The brokers that are measured side by side, and how each is started. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Program } from '../machine/cores.ts'

export const brokerNames = [
  'hawser-disk',
  'hawser-memory',
  'hawser-workers',
  'mosquitto',
  'aedes',
  'nats',
  'relay',
] as const
export type BrokerName = (typeof brokerNames)[number]

export interface Place {
  readonly port: number
  /** For the files of this one start; it is removed afterwards. */
  readonly folder: string
  /** For a broker that runs on Node: a profiler, for instance. */
  readonly nodeFlags: readonly string[]
}

const launcher = fileURLToPath(new URL('../../packages/cli/bin/hawser.mjs', import.meta.url))
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export const brokerPrograms: Readonly<Record<BrokerName, (place: Place) => Program>> = {
  'hawser-disk': (place) => hawser(place, 'disk'),
  'hawser-memory': (place) => hawser(place, 'memory'),
  'hawser-workers': (place) => hawser(place, 'disk', '--workers', '2'),
  mosquitto,
  aedes: ({ port, nodeFlags }) => node(nodeFlags, script('aedes-server.ts'), `${port}`),
  nats,
  relay: ({ port, nodeFlags }) => node(nodeFlags, script('relay-server.ts'), `${port}`),
}

const node = (nodeFlags: readonly string[], ...args: readonly string[]): Program => ({
  program: process.execPath,
  args: [...nodeFlags, ...args],
})

function hawser(
  { port, folder, nodeFlags }: Place,
  durability: 'disk' | 'memory',
  ...more: readonly string[]
): Program {
  const flags = ['--port', `${port}`, '--ws-port', '0', '--data-dir', join(folder, 'data'), '--durability', durability]
  return node(nodeFlags, launcher, 'broker', ...flags, ...more)
}

/** Debian's defaults, without its persistence and its log of each connection. */
function mosquitto({ port, folder }: Place): Program {
  const configuration = join(folder, 'mosquitto.conf')
  const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'persistence false', 'log_type error']
  writeFileSync(configuration, `${lines.join('\n')}\n`)
  return { program: 'mosquitto', args: ['-c', configuration] }
}

/** Where `.ci/peers` builds it; undefined where that was not done. */
export const natsProgram = ((): string | undefined => {
  const built = script('../../.cache/peers/nats-server')
  return existsSync(built) ? built : undefined
})()

/** Its MQTT gateway stands on JetStream, which keeps files and syncs them every two minutes. */
function nats({ port, folder }: Place): Program {
  if (natsProgram === undefined) throw new Error('nats-server is not here: .ci/peers builds it')
  const configuration = join(folder, 'nats.conf')
  const lines = [
    'server_name: bench',
    'host: 127.0.0.1',
    'port: -1',
    `jetstream { store_dir: "${join(folder, 'jetstream')}" }`,
    `mqtt { host: 127.0.0.1, port: ${port}, max_ack_pending: 65535 }`,
  ]
  writeFileSync(configuration, `${lines.join('\n')}\n`)
  return { program: natsProgram, args: ['-c', configuration, '-l', join(folder, 'nats.log')] }
}
