/** Who logs in to Kafka. */
import type { KafkaConnection } from '@hawser/connect/kafka'
import type { ConfigurationKafka } from '../config/kafka-configuration.ts'
import { type Environment, secretOf } from './secrets.ts'

export async function saslOf(
  connector: string,
  { mechanism, username, passwordFile, passwordEnv }: NonNullable<ConfigurationKafka['sasl']>,
  env: Environment,
): Promise<NonNullable<KafkaConnection['sasl']>> {
  const password = await secretOf(connector, { file: passwordFile, env: passwordEnv }, env)
  return { mechanism, username, password }
}
