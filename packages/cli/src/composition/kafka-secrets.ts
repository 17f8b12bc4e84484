/** Certificates and passwords of a connector into Kafka: from files or the environment, and nowhere else shown. */
import { readFile } from 'node:fs/promises'
import type { KafkaConnection } from '@hawser/connect/kafka'
import { HawserError } from '@hawser/std'
import type { ConfigurationKafka } from '../config/kafka-configuration.ts'

type Environment = Readonly<Record<string, string | undefined>>

export async function tlsOf(
  connector: string,
  { caFile, certificateFile, keyFile }: NonNullable<ConfigurationKafka['tls']>,
): Promise<NonNullable<KafkaConnection['tls']>> {
  const [ca, cert, key] = await Promise.all(
    [caFile, certificateFile, keyFile].map((file) => (file === undefined ? undefined : readSecret(connector, file))),
  )
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

export async function saslOf(
  connector: string,
  { mechanism, username, passwordFile, passwordEnv }: NonNullable<ConfigurationKafka['sasl']>,
  env: Environment,
): Promise<NonNullable<KafkaConnection['sasl']>> {
  // Without the line end that editors put there.
  const fromFile = passwordFile === undefined ? undefined : (await readSecret(connector, passwordFile)).trimEnd()
  const password = fromFile ?? (passwordEnv === undefined ? undefined : env[passwordEnv])
  if (password !== undefined && password !== '') return { mechanism, username, password }
  throw new HawserError('CONFIG_INVALID', `connector ${connector}: ${passwordFile ?? passwordEnv} holds no password`, {
    mend: 'put it there',
  })
}

async function readSecret(connector: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new HawserError('CONFIG_INVALID', `connector ${connector}: ${why}`, {
      mend: 'make it, or mend its rights',
      cause,
    })
  }
}
