/**
 * Where real servers are named, scenarios write to them: into Kafka under the names that their users know. What the
 * devices publish to another broker comes here last, when all that takes it is under way.
 */
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
  const { kafka = [], postgres, mqtt } = servers
  const placed = connectors.map((one) =>
    one.kind === 'postgres' && one.url === undefined && postgres !== undefined ? { ...one, url: postgres } : one,
  )
  const added = [
    ...(kafka.length === 0 ? [] : await kafkaConnectors(kafka, scenarios)),
    ...(mqtt === undefined || scenarios.length === 0 ? [] : [await bridgeOf(mqtt, scenarios)]),
  ]
  const taken = new Set(placed.map(({ name }) => name))
  return [...placed, ...added.filter(({ name }) => !taken.has(name))]
}

async function kafkaConnectors(
  brokers: readonly string[],
  scenarios: readonly ScenarioName[],
): Promise<readonly ConfigurationKafka[]> {
  const { kafkaDefaults } = await import('@hawser/connect/kafka/defaults')
  const common = { ...kafkaDefaults, ...connectorDefaults.reader, kind: 'kafka' as const, brokers }
  return scenarios.flatMap((scenario) => intoKafka[scenario] ?? []).map((into) => ({ ...common, ...into }))
}

const bridgeOf = async (url: string, scenarios: readonly ScenarioName[]): Promise<ConfigurationConnector> =>
  (await import('./devices-broker.ts')).devicesBridge(url, scenarios)
