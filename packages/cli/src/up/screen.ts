/** The one short screen of `hawser up`: what runs where, and what to do with it. */
import { type Configuration, durabilityOf } from '../config/configuration.ts'
import { postgresPlace } from '../config/postgres-place.ts'
import { columns } from '../flags.ts'
import { version } from '../version.ts'

export interface ScreenFacts {
  readonly configuration: Configuration
  readonly publishCommand: string
  /** What is simulated, by scenario. */
  readonly scenarios: readonly (readonly [name: string, devices: string])[]
}

const acknowledged = {
  memory: 'kept in memory only',
  disk: 'acknowledged means on disk',
  quorum: 'acknowledged means on a quorum of servers',
} as const

export function startScreen({ configuration, publishCommand, scenarios }: ScreenFacts): string {
  const { listeners, http, dataDir } = configuration
  const { mqtt, ws } = listeners
  const durability = acknowledged[durabilityOf(configuration)]
  const rows: (readonly [string, string])[] = [
    ['MQTT', `${at(mqtt)}, ${durability}`],
    ['WebSocket', `ws://${at(ws)}`],
    ['Console', `http://${at(http)}  with REST, /health and /metrics`],
    ...scenarios,
    ...serverRows(configuration),
    ['Data', `${dataDir}  to reset: stop, then rm -r ${shellWord(dataDir)}`],
  ]
  return `Hawser ${version} is up.

${columns(rows)}

  A message of your own:  ${publishCommand}
  Stop:                   Ctrl-C

`
}

/** Whether they answer is logged as it comes: what is published meanwhile waits in the log. */
function serverRows({ servers, connectors }: Configuration): readonly (readonly [string, string])[] {
  const { kafka = [], postgres, mqtt } = servers
  const topics = connectors.flatMap((one) => (one.kind === 'kafka' ? one.topic : []))
  return [
    ...(kafka.length === 0 ? [] : [['Kafka', `${kafka.join(', ')}  to ${topics.join(', ')}`] as const]),
    ...(postgres === undefined ? [] : [['PostgreSQL', postgresPlace(postgres)] as const]),
    ...(mqtt === undefined ? [] : [['Devices', `at ${mqtt}, whose messages come here`] as const]),
  ]
}

export const at = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

export const shellWord = (text: string): string =>
  /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
