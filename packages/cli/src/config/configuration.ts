/** What a running Hawser is told, with every default in one place. The file's keys are these in snake case. */

import { defaultLimits, defaultProtocol, type Limits, type ProtocolOptions, type SharedStrategy } from '@hawser/broker'
import type { RawPartitions } from '@hawser/connect/postgres'
import type { TableDefinition } from '@hawser/connect/postgres/table'
import type { RulesSettings, Sample } from '@hawser/connect/rules/settings'
import type { MosquittoAccessOptions } from '@hawser/mosquitto'
import type { ConfigurationAcl, ConfigurationAuth } from './auth-configuration.ts'
import type { ConfigurationSecret, ConfigurationTls } from './connection-configuration.ts'
import { type ConfigurationEngine, defaultEngine } from './engine-configuration.ts'
import type { ConfigurationInflux } from './influx-configuration.ts'
import type { ConfigurationKafka, ConfigurationKafkaSource } from './kafka-configuration.ts'
import { type ConfigurationListeners, defaultListeners } from './listeners.ts'
import type { ConfigurationMqtt } from './mqtt-configuration.ts'
import type { ConfigurationSparkplug } from './sparkplug-configuration.ts'
import type { ConfigurationWebhook } from './webhook-configuration.ts'

export const durabilities = ['disk', 'memory'] as const
export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export const logFormats = ['json', 'text'] as const
/** More cores than a host that one log is for; each costs some 80 MB. */
export const workersMax = 64
export const scenarioNames = ['factory', 'sensors', 'fleet'] as const

export type Durability = (typeof durabilities)[number]
export type LogLevel = (typeof logLevels)[number]
export type ScenarioName = (typeof scenarioNames)[number]

/** As engines are told it. */
export const retentionOf = ({ retentionBytes, retentionHours }: Configuration['log']) => ({
  bytes: retentionBytes,
  ms: retentionHours * 3_600_000,
})

/** What an acknowledgement of QoS 1 and 2 means in the end. */
export const durabilityOf = ({ engine, log }: Pick<Configuration, 'engine' | 'log'>): Durability | 'quorum' =>
  engine.servers.length > 0 ? 'quorum' : log.durability

/** What every connector is told. */
export interface ConfigurationReader {
  readonly name: string
  readonly filters: readonly string[]
  /** Where it begins in a log that its sink has never seen. */
  readonly begin: 'oldest' | 'newest'
  /** How much of the log it may hold back. */
  readonly backlogBytesMax: number
  /** What becomes of it past that. */
  readonly pastBacklog: 'hold' | 'skip'
  readonly rules: RulesSettings['rules']
  /** What becomes of messages that no rule matches. */
  readonly unmatched: RulesSettings['unmatched']
  /** Of the rules, tried by `hawser connector test`. */
  readonly samples: readonly Sample[]
}

export interface ConfigurationFile extends ConfigurationReader {
  readonly kind: 'file'
  /** Below the data folder unless absolute. */
  readonly folder: string
  readonly fileBytesMax: number
  readonly fileSecondsMax: number
  readonly filesMax: number
}

export interface ConfigurationPostgres extends ConfigurationReader {
  readonly kind: 'postgres'
  /** Without one the embedded database in the data folder is used. */
  readonly url?: string | undefined
  readonly password?: ConfigurationSecret | undefined
  readonly tls?: ConfigurationTls | undefined
  /** Of raw telemetry; one whole unless said. */
  readonly raw?: RawPartitions | undefined
  /** In place of raw telemetry and KPIs. */
  readonly table?: TableDefinition | undefined
}

/** A reader of the log, by the kind of its sink. */
export type ConfigurationSink =
  | ConfigurationFile
  | ConfigurationPostgres
  | ConfigurationKafka
  | ConfigurationWebhook
  | ConfigurationInflux
  | ConfigurationSparkplug
  | ConfigurationMqtt

export type ConfigurationConnector = ConfigurationSink | ConfigurationKafkaSource

export const isSink = (connector: ConfigurationConnector): connector is ConfigurationSink =>
  connector.kind !== 'kafka-source'

export interface Configuration {
  readonly dataDir: string
  /** Processes that serve clients, on one data folder and one set of ports. */
  readonly workers: number
  readonly allowAnonymous: boolean
  readonly log: {
    readonly durability: Durability
    /** QoS 1 and 2 on these topics are acknowledged from memory, and lost with the process. */
    readonly memoryFilters: readonly string[]
    /** What nobody has still to read is kept this long … */
    readonly retentionHours: number
    /** … while the log is no larger than this. */
    readonly retentionBytes: number
  }
  readonly engine: ConfigurationEngine
  readonly listeners: ConfigurationListeners
  readonly http: { readonly host: string; readonly port: number }
  readonly limits: Limits
  readonly mqtt: ProtocolOptions
  readonly sharedSubscriptions: {
    readonly strategy: SharedStrategy
    readonly groups: readonly { readonly name: string; readonly strategy: SharedStrategy }[]
  }
  /** Without it nobody has to log in. */
  readonly auth?: ConfigurationAuth | undefined
  /** Without it everyone may do everything. */
  readonly acl?: ConfigurationAcl | undefined
  /** In place of `auth` and `acl`. */
  readonly mosquittoAccess?: MosquittoAccessOptions | undefined
  /** How often `$SYS` is written; 0: never. */
  readonly systemTopicSeconds: number
  readonly scenarios: readonly ScenarioName[]
  /** How many of a kind of device: `sine=3`. */
  readonly scale: readonly string[]
  readonly seed?: number | undefined
  readonly connectors: readonly ConfigurationConnector[]
  /** Real servers in place of what is embedded. */
  readonly servers: {
    /** `host:port`, any of a cluster: what scenarios publish goes there too. */
    readonly kafka?: readonly string[] | undefined
    /** For connectors that name no database. */
    readonly postgres?: string | undefined
    /** Where the simulated devices are, in place of our own broker. */
    readonly mqtt?: string | undefined
  }
  /** Files with KPI specifications; none: the ones that come along. */
  readonly kpis: readonly string[]
  readonly logging: {
    readonly level: LogLevel
    readonly format: (typeof logFormats)[number]
    readonly fileBytesMax: number
    readonly filesMax: number
  }
}

const loopback = '127.0.0.1'

const retentionBytes = 10 * 2 ** 30

export const connectorDefaults = {
  reader: {
    filters: ['#'],
    begin: 'oldest',
    backlogBytesMax: retentionBytes,
    pastBacklog: 'hold',
    rules: [],
    unmatched: 'pass',
    samples: [],
  } satisfies Omit<ConfigurationReader, 'name'>,
  file: { folder: 'logger', fileBytesMax: 64 << 20, fileSecondsMax: 86_400, filesMax: 14 },
}

export const defaultConfiguration: Configuration = {
  dataDir: '.hawser',
  workers: 1,
  allowAnonymous: false,
  log: { durability: 'disk', memoryFilters: [], retentionHours: 24, retentionBytes },
  engine: defaultEngine,
  listeners: defaultListeners,
  http: { host: loopback, port: 8080 },
  limits: defaultLimits,
  mqtt: defaultProtocol,
  systemTopicSeconds: 10,
  sharedSubscriptions: { strategy: 'round-robin', groups: [] },
  scenarios: ['factory', 'sensors'],
  scale: [],
  connectors: [
    { name: 'postgres', kind: 'postgres', ...connectorDefaults.reader },
    { name: 'logger', kind: 'file', ...connectorDefaults.reader, ...connectorDefaults.file },
  ],
  servers: {},
  kpis: [],
  logging: { level: 'info', format: 'text', fileBytesMax: 16 << 20, filesMax: 5 },
}
