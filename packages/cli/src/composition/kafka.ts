/** Into Kafka, and out of it. */
import type { KafkaConnection } from '@hawser/connect/kafka'
import type { ConfigurationKafka, ConfigurationKafkaSource } from '../config/kafka-configuration.ts'
import { saslOf } from './kafka-secrets.ts'
import { tlsOf } from './secrets.ts'
import type { OpenedSink, SinkContext } from './sinks.ts'

export async function openKafka(options: ConfigurationKafka, { engine, context }: SinkContext): Promise<OpenedSink> {
  const { kafkaConnector } = await import('@hawser/connect/kafka')
  const { name, brokers: _, tls: __, sasl: ___, topicSettings, deadLetterTopic, replicas, ...rest } = options
  const connector = kafkaConnector({
    ...rest,
    name,
    state: engine.state,
    clock: context.clock,
    connection: await connectionOf(options),
    topicSettings: Object.fromEntries(Object.entries(topicSettings).map(([key, value]) => [key, String(value)])),
    ...(replicas === undefined ? {} : { replicas }),
    ...(deadLetterTopic === undefined ? {} : { deadLetterTopic }),
  })
  return { connectors: [connector], target: targetOf(options) }
}

export async function openKafkaSource(
  options: ConfigurationKafkaSource,
  { context: { clock } }: SinkContext,
): Promise<OpenedSink> {
  const { kafkaSource } = await import('@hawser/connect/kafka')
  const { name, topics, begin, topic, qos, retain, headers, group = `hawser-${name}` } = options
  const connection = await connectionOf(options)
  const source = kafkaSource({ name, connection, topics, group, begin, topic, qos, retain, headers, clock })
  return { connectors: [], sources: [source], target: targetOf(options) }
}

type Either = ConfigurationKafka | ConfigurationKafkaSource

const targetOf = ({ brokers }: Either): string => `kafka://${brokers.join(',')}`

async function connectionOf({ name, brokers, tls, sasl }: Either): Promise<KafkaConnection> {
  return {
    brokers,
    clientId: `hawser-${name}`,
    ...(tls === undefined ? {} : { tls: await tlsOf(name, tls) }),
    ...(sasl === undefined ? {} : { sasl: await saslOf(name, sasl, process.env) }),
  }
}
