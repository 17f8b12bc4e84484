/** Names under which bridges between MQTT and Kafka have been told things before: in the environment and in a file. */
import { HawserError } from '@hawser/std'
import type { CommandIo } from '../command.ts'

/** What they say of the source, the connector and the log level. */
export interface OldSettings {
  readonly source: Readonly<Record<string, unknown>>
  readonly connector: Readonly<Record<string, unknown>>
  readonly logLevel: string | undefined
}

/** The old keys of a file, in the order of the variables below. */
export const oldKeys = [
  'mqtt_broker_host',
  'mqtt_broker_port',
  'mqtt_topic',
  'mqtt_client_id',
  'mqtt_username',
  'kafka_bootstrap_servers',
  'topic_telemetry',
  'log_level',
] as const

type OldKey = (typeof oldKeys)[number]

/** Each key's variables, the first that is set counts. */
const variables: Readonly<Record<OldKey, readonly string[]>> = {
  mqtt_broker_host: ['MQTT_BROKER', 'MQTT_BROKER_HOST', 'MQTT_HOST'],
  mqtt_broker_port: ['MQTT_BROKER_PORT', 'MQTT_PORT'],
  mqtt_topic: ['MQTT_SUB_TOPIC', 'MQTT_TOPIC'],
  mqtt_client_id: ['MQTT_CLIENT_ID'],
  mqtt_username: ['MQTT_USERNAME', 'MQTT_USER'],
  kafka_bootstrap_servers: ['KAFKA_BOOTSTRAP_SERVERS', 'KAFKA_BROKERS', 'KAFKA_BROKER'],
  topic_telemetry: ['KAFKA_TOPIC', 'TOPIC_TELEMETRY'],
  log_level: ['LOG_LEVEL'],
}

export const passwordVariable = 'MQTT_PASSWORD'

/** A password stands in the environment alone, and is named, not taken. */
export function fromEnvironment(env: CommandIo['env'], kind: string): OldSettings {
  const values: Partial<Record<OldKey, string>> = {}
  for (const key of oldKeys) {
    const name = variables[key].find((candidate) => (env[candidate] ?? '') !== '')
    if (name !== undefined) values[key] = env[name] ?? ''
  }
  const settings = settingsOf(values, kind)
  const hasPassword = (env[passwordVariable] ?? '') !== '' && values.mqtt_username !== undefined
  if (!hasPassword) return settings
  return { ...settings, source: { ...settings.source, password: { env: passwordVariable } } }
}

export function settingsOf(values: Readonly<Partial<Record<OldKey, unknown>>>, kind: string): OldSettings {
  const { mqtt_broker_host: host, mqtt_broker_port: port, mqtt_topic: topic } = values
  const source = {
    url: host === undefined ? undefined : urlOf(String(host), port),
    filters: topic === undefined ? undefined : String(topic).split(','),
    client_id: values.mqtt_client_id,
    username: values.mqtt_username,
  }
  const brokers = values.kafka_bootstrap_servers
  const connector = {
    brokers: brokers === undefined ? undefined : Array.isArray(brokers) ? brokers : String(brokers).split(','),
    topic: values.topic_telemetry,
  }
  const level = values.log_level === undefined ? undefined : String(values.log_level).toLowerCase()
  return {
    source: defined(source),
    connector: kind === 'kafka' ? defined(connector) : {},
    logLevel: level === 'warning' ? 'warn' : level === 'critical' ? 'error' : level,
  }
}

/** A host, with or without a port, or a URL. */
export function urlOf(host: string, port?: unknown): string {
  if (host.includes('://')) {
    if (URL.canParse(host)) return host
    throw new HawserError('USAGE', `${host} is no URL of a broker`, { mend: 'write it as mqtt://broker:1883' })
  }
  const hasPort = /^(\[[^\]]+\]|[^:]+):\d+$/.test(host)
  return `mqtt://${host}${hasPort || port === undefined ? '' : `:${port}`}`
}

export const defined = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
