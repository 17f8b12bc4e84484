/** A connector into Kafka, or into what speaks its protocol. */
import {
  compressions,
  kafkaDefaults as defaults,
  partitioners,
  saslMechanisms,
  kafkaSourceDefaults as sourceDefaults,
  valueModes,
} from '@hawser/connect/kafka/defaults'
import * as z from 'zod'
import { kafkaAddress } from '../../kafka-flag.ts'
import { tls } from './connection.ts'
import { connectorName, reader } from './reader.ts'
import { count, positive, setting, text } from './setting.ts'

const sasl = z
  .strictObject({
    mechanism: z.enum(saslMechanisms),
    username: text,
    password_file: setting(text, undefined, 'a file with the password'),
    password_env: setting(text, undefined, 'name of the environment variable with the password'),
  })
  .refine(
    ({ password_file, password_env }) => (password_file === undefined) !== (password_env === undefined),
    'give one of password_file, password_env',
  )

const security = {
  tls: tls.optional().meta({ description: 'without it plain TCP' }),
  sasl: sasl.optional().meta({ description: 'without it nobody logs in' }),
}

const settingValue = z.union([z.string(), z.number(), z.boolean()])

export const kafkaBrokers = z.array(z.string().regex(kafkaAddress, 'write it as host:port')).min(1)

export const kafkaConnector = z
  .strictObject({
    kind: z.literal('kafka'),
    ...reader,
    brokers: kafkaBrokers,
    topic: setting(text, defaults.topic, 'template of the Kafka topic; what is put in is escaped'),
    key: setting(text, defaults.key, 'template of the key; where it has no value the MQTT topic is the key'),
    value: setting(z.enum(valueModes), defaults.value, 'the form of the value'),
    headers: setting(z.boolean(), defaults.headers, 'who, what and when, and the user properties, as headers'),
    tombstones: setting(z.boolean(), defaults.tombstones, 'a deleted retained value is a record without value'),
    bridge_id: setting(text, defaults.bridgeId, 'what it calls itself in headers and fields'),
    partitioner: setting(z.enum(partitioners), defaults.partitioner, "Java's, or librdkafka's"),
    compression: setting(z.enum(compressions), defaults.compression, 'of the batches'),
    partitions: setting(positive, defaults.partitions, 'of topics that it makes'),
    replicas: setting(positive, undefined, 'of topics that it makes; none: what the cluster has for a default'),
    topic_settings: setting(
      z.record(z.string(), settingValue),
      defaults.topicSettings,
      'of topics that it makes, under the names of Kafka',
    ),
    topics_max: setting(positive, defaults.topicsMax, 'so many it makes; what would need another is a dead letter'),
    record_bytes_max: setting(positive, defaults.recordBytesMax, 'what is larger is a dead letter'),
    dead_letter_topic: setting(text, undefined, 'none: its name and .dead-letters'),
    linger_ms: setting(count, defaults.lingerMs, '0 for latency; more for larger batches'),
    ...security,
  })
  .meta({ description: 'records in Kafka or Redpanda: docs/kafka.md' })

export const kafkaSource = z
  .strictObject({
    kind: z.literal('kafka-source'),
    name: connectorName,
    brokers: kafkaBrokers,
    topics: z.array(text).min(1).meta({ description: 'of Kafka' }),
    group: setting(text, undefined, 'whose members share the partitions; none: hawser- and the name'),
    begin: setting(
      z.enum(['oldest', 'newest']),
      sourceDefaults.begin,
      'where a group begins that has committed nothing',
    ),
    topic: setting(text, sourceDefaults.topic, 'template of the MQTT topic'),
    qos: setting(z.literal([0, 1, 2]), sourceDefaults.qos, 'at which it is published; at 0 what a crash loses is lost'),
    retain: setting(z.boolean(), sourceDefaults.retain, 'the newest of each MQTT topic is retained'),
    headers: setting(z.boolean(), sourceDefaults.headers, 'headers that are texts go along as user properties'),
    ...security,
  })
  .meta({ description: 'records of Kafka or Redpanda come into the log: docs/kafka.md' })
