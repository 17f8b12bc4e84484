/** What the file says of connectors into Kafka, and out of it. */
import type { Compression, Partitioner, SaslMechanism, ValueMode } from '@hawser/connect/kafka/defaults'
import type { ConfigurationReader } from './configuration.ts'
import type { ConfigurationTls } from './connection-configuration.ts'

interface ConfigurationKafkaConnection {
  readonly brokers: readonly string[]
  readonly tls?: ConfigurationTls | undefined
  readonly sasl?:
    | {
        readonly mechanism: SaslMechanism
        readonly username: string
        readonly passwordFile?: string
        readonly passwordEnv?: string
      }
    | undefined
}

export interface ConfigurationKafka extends ConfigurationReader, ConfigurationKafkaConnection {
  readonly kind: 'kafka'
  readonly topic: string
  readonly key: string
  readonly value: ValueMode
  readonly headers: boolean
  readonly tombstones: boolean
  readonly bridgeId: string
  readonly partitioner: Partitioner
  readonly compression: Compression
  readonly partitions: number
  readonly replicas?: number | undefined
  readonly topicSettings: Readonly<Record<string, string | number | boolean>>
  readonly topicsMax: number
  readonly recordBytesMax: number
  readonly deadLetterTopic?: string | undefined
  readonly lingerMs: number
}

/** What the file says of a source that reads Kafka. */
export interface ConfigurationKafkaSource extends ConfigurationKafkaConnection {
  readonly kind: 'kafka-source'
  readonly name: string
  readonly topics: readonly string[]
  readonly group?: string | undefined
  readonly begin: 'oldest' | 'newest'
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly headers: boolean
}
