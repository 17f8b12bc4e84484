/** What the file says of a connector into Kafka. */
import type { Compression, Partitioner, SaslMechanism, ValueMode } from '@hawser/connect/kafka/defaults'
import type { ConfigurationReader } from './configuration.ts'
import type { ConfigurationTls } from './connection-configuration.ts'

export interface ConfigurationKafka extends ConfigurationReader {
  readonly kind: 'kafka'
  readonly brokers: readonly string[]
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
