/** What the file says of a connector into Kafka. */

import type { ConfigurationReader } from './configuration.ts'
import type { ConfigurationTls } from './connection-configuration.ts'

export const kafkaValues = ['raw', 'enriched', 'cloudevents-structured', 'cloudevents-binary'] as const
export const kafkaPartitioners = ['murmur2', 'crc32'] as const
export const kafkaCompressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

export interface ConfigurationKafka extends ConfigurationReader {
  readonly kind: 'kafka'
  readonly brokers: readonly string[]
  readonly topic: string
  readonly key: string
  readonly value: (typeof kafkaValues)[number]
  readonly headers: boolean
  readonly tombstones: boolean
  readonly bridgeId: string
  readonly partitioner: (typeof kafkaPartitioners)[number]
  readonly compression: (typeof kafkaCompressions)[number]
  readonly partitions: number
  readonly replicas?: number | undefined
  readonly topicSettings: Readonly<Record<string, string | number | boolean>>
  readonly topicsMax: number
  readonly recordBytesMax: number
  readonly deadLetterTopic?: string | undefined
  readonly lingerMs: number
  readonly tls?: ConfigurationTls | undefined
  readonly sasl?:
    | {
        readonly mechanism: (typeof saslMechanisms)[number]
        readonly username: string
        readonly passwordFile?: string
        readonly passwordEnv?: string
      }
    | undefined
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: templates of the connector
export const kafkaDefaults = {
  topic: '${topic}',
  key: '${topic}',
  value: 'raw',
  headers: true,
  tombstones: false,
  bridgeId: 'hawser',
  partitioner: 'murmur2',
  compression: 'none',
  partitions: 3,
  topicSettings: {},
  topicsMax: 1_000,
  recordBytesMax: 1_000_000,
  lingerMs: 0,
} as const satisfies Partial<ConfigurationKafka>
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: templates of the connector
