/** What a Kafka sink is told, with its defaults, and checked before anything is opened. */
import { HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import { compileTemplate, literalsIn } from '../message/template.ts'
import type { TopicSettings } from './client/kafka-client.ts'
import type { KafkaConnection } from './client/options.ts'
import { type Compression, kafkaDefaults, type Partitioner, type ValueMode } from './defaults.ts'
import type { RecordForm } from './record/record.ts'
import { escapeTopic, escapeTopicPart } from './record/topic-name.ts'

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
      // What stands around one place, an empty text where nothing does.
      escapeTopic: literalsIn(options.topic).length > 2 ? escapeTopicPart : escapeTopic,
      key: compileTemplate(options.key),
      value: options.value,
      headers: options.headers,
      tombstones: options.tombstones,
    },
    topic: { partitions: options.partitions, replicas: options.replicas, settings: options.topicSettings },
    requestBytesMax: Math.min(recordBytesMax, kafkaDefaults.recordBytesMax),
    listMsMax: milliseconds(30_000),
  }
}

function checkLegal(literal: string): void {
  if (legalName.test(literal)) return
  throw new HawserError('CONFIG_INVALID', `"${literal}" cannot be in the name of a Kafka topic`, {
    mend: 'use letters, digits, ., _ and -',
  })
}
