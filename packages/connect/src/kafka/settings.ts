/** What a Kafka sink is told, with its defaults, and checked before anything is opened. */
import { HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import { compileTemplate, literalsIn } from '../message/template.ts'
import type { TopicSettings } from './client/kafka-client.ts'
import type { Compression, KafkaConnection } from './client/options.ts'
import type { Partitioner } from './record/partitioner.ts'
import type { RecordForm, ValueMode } from './record/record.ts'

export interface KafkaOptions {
  readonly connection: KafkaConnection
  /** Templates; the values put into that of the topic are escaped. */
  readonly topic: string
  readonly key: string
  readonly value: ValueMode
  readonly headers: boolean
  readonly tombstones: boolean
  readonly bridgeId: string
  readonly partitioner: Partitioner
  readonly compression: Compression
  /** Of topics that it makes. */
  readonly partitions: number
  readonly replicas: number | undefined
  readonly topicSettings: Readonly<Record<string, string>>
  readonly topicsMax: number
  readonly recordBytesMax: number
  readonly deadLetterTopic: string
}

export const defaultKafkaOptions = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of ours
  topic: '${topic}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of ours
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
  // Kafka takes 1,048,588 bytes in a batch unless it is told otherwise, and a batch has a head.
  recordBytesMax: 1_000_000,
} as const satisfies Partial<KafkaOptions>

export interface KafkaSettings {
  readonly connection: KafkaConnection
  readonly form: RecordForm
  readonly partitioner: Partitioner
  readonly compression: Compression
  readonly topic: TopicSettings
  readonly topicsMax: number
  readonly recordBytesMax: number
  /** Of all records in one request, so that no batch in it passes Kafka's bound. */
  readonly requestBytesMax: number
  readonly deadLetterTopic: string
  readonly listMsMax: Milliseconds
}

const legalName = /^[A-Za-z0-9._-]*$/

export function kafkaSettings(options: KafkaOptions): KafkaSettings {
  const { connection, partitioner, compression, topicsMax, recordBytesMax, deadLetterTopic } = options
  for (const literal of [...literalsIn(options.topic), deadLetterTopic]) checkLegal(literal)
  return {
    ...{ connection, partitioner, compression, topicsMax, recordBytesMax, deadLetterTopic },
    form: {
      bridgeId: options.bridgeId,
      topic: compileTemplate(options.topic),
      key: compileTemplate(options.key),
      value: options.value,
      headers: options.headers,
      tombstones: options.tombstones,
    },
    topic: { partitions: options.partitions, replicas: options.replicas, settings: options.topicSettings },
    requestBytesMax: Math.min(recordBytesMax, defaultKafkaOptions.recordBytesMax),
    listMsMax: milliseconds(30_000),
  }
}

function checkLegal(literal: string): void {
  if (legalName.test(literal)) return
  throw new HawserError('CONFIG_INVALID', `"${literal}" cannot be in the name of a Kafka topic`, {
    mend: 'use letters, digits, ., _ and -',
  })
}
