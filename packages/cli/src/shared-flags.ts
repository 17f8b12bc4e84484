/** Flags that more than one command knows, and what they say in the configuration. */
import { resolve } from 'node:path'
import type { CommandIo } from './command.ts'
import { type Configuration, durabilities } from './config/configuration.ts'
import type { ConfigurationTls } from './config/listeners.ts'
import { loadConfiguration, type Overlay } from './config/load.ts'

export const serverFlags = {
  host: {
    kind: 'text',
    value: 'ADDRESS',
    help: 'listen here instead of on 127.0.0.1 and ::1; others need a login, or --allow-anonymous',
  },
  'allow-anonymous': { kind: 'switch', help: 'let anyone in who reaches the address' },
  'ws-port': { kind: 'port', value: 'N', help: 'MQTT over WebSocket (9001)' },
  'tls-port': { kind: 'port', value: 'N', help: 'MQTT over TLS (8883); needs --cert and --key' },
  cert: { kind: 'text', value: 'FILE', help: 'certificate of the TLS listener, as PEM' },
  key: { kind: 'text', value: 'FILE', help: 'its key' },
  cafile: { kind: 'text', value: 'FILE', help: 'who signs client certificates: then every TLS client needs one' },
  'data-dir': { kind: 'text', value: 'DIR', help: 'folder of log, state and database (.hawser)' },
  engine: { kind: 'text', value: 'URLS', help: 'nats://host:port,… that have log and state, in place of this host' },
  workers: {
    kind: 'integer',
    value: 'N',
    help: 'processes that serve clients, on one data folder and one set of ports (1)',
  },
  durability: { kind: 'text', choices: durabilities, help: 'what an acknowledgement of QoS 1 and 2 means (disk)' },
  config: { kind: 'text', value: 'FILE', help: 'YAML file; flags and HAWSER_ variables win over it' },
  'log-level': { kind: 'text', choices: ['debug', 'info', 'warn', 'error'], help: 'the least that is logged (info)' },
} as const

export interface ServerFlagValues {
  readonly host?: string | undefined
  readonly 'allow-anonymous'?: boolean | undefined
  readonly 'ws-port'?: number | undefined
  readonly 'tls-port'?: number | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly cafile?: string | undefined
  readonly 'data-dir'?: string | undefined
  readonly engine?: string | undefined
  readonly workers?: number | undefined
  readonly durability?: string | undefined
  readonly config?: string | undefined
  readonly 'log-level'?: string | undefined
}

/** Where a configuration comes from, beside the environment: what a reload reads again. */
export interface ServerSources {
  readonly file: string | undefined
  readonly flags: Overlay
}

export function serverSources(flags: ServerFlagValues, mqttPort: number | undefined, further: Overlay): ServerSources {
  const { host } = flags
  const overlay: Overlay = {
    ...further,
    dataDir: flags['data-dir'],
    engine: { servers: flags.engine?.split(',') },
    workers: flags.workers,
    allowAnonymous: flags['allow-anonymous'],
    log: { durability: flags.durability as Configuration['log']['durability'] | undefined },
    listeners: { mqtt: { host, port: mqttPort }, ws: { host, port: flags['ws-port'] }, ...tlsListener(flags) },
    http: { host, ...further.http },
    logging: { level: flags['log-level'] as Configuration['logging']['level'] | undefined },
  }
  return { file: flags.config === undefined ? undefined : resolve(flags.config), flags: overlay }
}

/** File, environment and flags as one configuration, its data folder absolute. */
export async function serverConfiguration(sources: ServerSources, env: CommandIo['env']): Promise<Configuration> {
  const configuration = await loadConfiguration({ ...sources, env })
  return { ...configuration, dataDir: resolve(configuration.dataDir) }
}

/** What the flags say of the listener `mqtts`, where they say anything. */
function tlsListener({ host, cert, key, cafile, 'tls-port': port }: ServerFlagValues): Overlay['listeners'] {
  if (cert === undefined && key === undefined && cafile === undefined && port === undefined) return {}
  const tls = {
    certificateFile: cert,
    keyFile: key,
    caFile: cafile,
    clientCertificate: cafile === undefined ? undefined : ('require' as const),
  }
  // The file may give the rest; what is missing in the end is told where the files are read.
  return { mqtts: { protocol: 'mqtts', host, port, tls: tls as ConfigurationTls } }
}
