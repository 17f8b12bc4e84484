/** Connectors that post to a server. */
import type { InfluxLogin } from '@hawser/connect/influx'
import type { ConfigurationSecret } from '../config/connection-configuration.ts'
import type { ConfigurationInflux } from '../config/influx-configuration.ts'
import type { ConfigurationWebhook } from '../config/webhook-configuration.ts'
import { loginOf, secretOf, tlsOf } from './secrets.ts'
import type { OpenedSink, SinkContext } from './sinks.ts'

export async function openWebhook(
  options: ConfigurationWebhook,
  { engine, context }: Pick<SinkContext, 'engine' | 'context'>,
): Promise<OpenedSink> {
  const { placeOf, webhookConnector } = await import('@hawser/connect/webhook')
  const { name, secret, nextSecret, token, headers, tls, kind: _, ...rest } = options
  const given = (source: ConfigurationSecret | undefined) =>
    source === undefined ? undefined : secretOf(name, source, process.env)
  const secrets = await Promise.all([given(secret), given(nextSecret)])
  const bearerToken = await given(token)
  const connector = webhookConnector({
    ...rest,
    name,
    state: engine.state,
    clock: context.clock,
    secrets: secrets.filter((one) => one !== undefined),
    headers: Object.fromEntries(headers.map((line) => line.split(/: (.*)/).slice(0, 2))),
    ...(bearerToken === undefined ? {} : { bearerToken }),
    ...(tls === undefined ? {} : { tls: await tlsOf(name, tls) }),
  })
  return { connectors: [connector], target: placeOf(new URL(options.url)) }
}

export async function openInflux(
  options: ConfigurationInflux,
  { engine, context }: Pick<SinkContext, 'engine' | 'context'>,
): Promise<OpenedSink> {
  const { influxConnector, placeOf } = await import('@hawser/connect/influx')
  const { name, database, retentionPolicy, bucket, organization, tls, time, kind: _, ...rest } = options
  const login = await influxLogin(options)
  const place =
    bucket === undefined
      ? { api: 'v1' as const, database: database ?? '', ...(retentionPolicy === undefined ? {} : { retentionPolicy }) }
      : { api: 'v2' as const, bucket, ...(organization === undefined ? {} : { organization }) }
  const connector = influxConnector({
    ...rest,
    name,
    state: engine.state,
    clock: context.clock,
    place,
    ...(time === undefined ? {} : { time }),
    ...(login === undefined ? {} : { login }),
    ...(tls === undefined ? {} : { tls: await tlsOf(name, tls) }),
  })
  return { connectors: [connector], target: `${placeOf(new URL(options.url))}#${bucket ?? database}` }
}

async function influxLogin({ name, token, username, password }: ConfigurationInflux): Promise<InfluxLogin | undefined> {
  if (token !== undefined) return { kind: 'token', token: await secretOf(name, token, process.env) }
  const user = await loginOf(name, username, password)
  return user && { kind: 'user', ...user }
}
