/** Flags that more than one command knows, and what they say in the configuration. */
import { resolve } from 'node:path'
import type { CommandIo } from './command.ts'
import { type Configuration, durabilities } from './config/configuration.ts'
import { loadConfiguration, type Overlay } from './config/load.ts'

export const serverFlags = {
  host: { kind: 'text', value: 'ADDRESS', help: 'listen here instead of on 127.0.0.1; needs --allow-anonymous' },
  'allow-anonymous': { kind: 'switch', help: 'let anyone in who reaches the address' },
  'ws-port': { kind: 'port', value: 'N', help: 'MQTT over WebSocket (9001)' },
  'data-dir': { kind: 'text', value: 'DIR', help: 'folder of log, state and database (.hawser)' },
  durability: { kind: 'text', choices: durabilities, help: 'what an acknowledgement of QoS 1 and 2 means (disk)' },
  config: { kind: 'text', value: 'FILE', help: 'YAML file; flags and HAWSER_ variables win over it' },
  'log-level': { kind: 'text', choices: ['debug', 'info', 'warn', 'error'], help: 'the least that is logged (info)' },
} as const

export interface ServerFlagValues {
  readonly host?: string | undefined
  readonly 'allow-anonymous'?: boolean | undefined
  readonly 'ws-port'?: number | undefined
  readonly 'data-dir'?: string | undefined
  readonly durability?: string | undefined
  readonly config?: string | undefined
  readonly 'log-level'?: string | undefined
}

/** File, environment and flags as one configuration, its data folder absolute. */
export async function serverConfiguration(
  flags: ServerFlagValues,
  mqttPort: number | undefined,
  further: Overlay,
  env: CommandIo['env'],
): Promise<Configuration> {
  const { host } = flags
  const overlay: Overlay = {
    ...further,
    dataDir: flags['data-dir'],
    allowAnonymous: flags['allow-anonymous'],
    log: { durability: flags.durability as Configuration['log']['durability'] | undefined },
    listeners: { mqtt: { host, port: mqttPort }, ws: { host, port: flags['ws-port'] } },
    http: { host, ...further.http },
    logging: { level: flags['log-level'] as Configuration['logging']['level'] | undefined },
  }
  const configuration = await loadConfiguration({ file: flags.config, env, flags: overlay })
  return { ...configuration, dataDir: resolve(configuration.dataDir) }
}
