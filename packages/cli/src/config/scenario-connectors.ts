/** Where real servers are named, scenarios write to them: into Kafka under the names that their users know. */
import {
  type Configuration,
  type ConfigurationConnector,
  connectorDefaults,
  type ScenarioName,
} from './configuration.ts'
import type { ConfigurationKafka } from './kafka-configuration.ts'

type Into = Pick<ConfigurationKafka, 'name' | 'filters' | 'topic' | 'key' | 'value' | 'bridgeId'>

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: templates of the connector
const intoKafka: Readonly<Partial<Record<ScenarioName, Into>>> = {
  factory: {
    name: 'kafka-telemetry',
    filters: ['factory/machines/+/telemetry'],
    topic: 'telemetry',
    key: '${payload.machine_id|topic.3}',
    value: 'enriched',
    bridgeId: 'hawser-factory',
  },
  fleet: {
    name: 'kafka-fms-data-stream',
    filters: ['fms/data'],
    topic: 'fms-data-stream',
    key: '${payload.vehicle_id|topic}',
    value: 'raw',
    bridgeId: 'hawser-fleet',
  },
}
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: templates of the connector

type Servers = Pick<Configuration, 'connectors' | 'scenarios' | 'servers'>

/** The configured ones; those without a database of their own in the one named, and those of the scenarios. */
export async function connectorsOf({
  connectors,
  scenarios,
  servers,
}: Servers): Promise<readonly ConfigurationConnector[]> {
  const { kafka = [], postgres } = servers
  const placed = connectors.map((one) =>
    one.kind === 'postgres' && one.url === undefined && postgres !== undefined ? { ...one, url: postgres } : one,
  )
  if (kafka.length === 0) return placed
  const { kafkaDefaults } = await import('@hawser/connect/kafka/defaults')
  const taken = new Set(placed.map(({ name }) => name))
  const added = scenarios.flatMap((scenario) => intoKafka[scenario] ?? []).filter(({ name }) => !taken.has(name))
  return [
    ...placed,
    ...added.map((into) => ({
      ...kafkaDefaults,
      ...connectorDefaults.reader,
      kind: 'kafka' as const,
      brokers: kafka,
      ...into,
    })),
  ]
}
