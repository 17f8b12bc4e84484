/** Connectors that post to a server. */
import type { ConfigurationSecret } from '../config/connection-configuration.ts'
import type { ConfigurationWebhook } from '../config/webhook-configuration.ts'
import { secretOf, tlsOf } from './secrets.ts'
import type { OpenedSink, SinkContext } from './sinks.ts'

export async function openWebhook(
  options: ConfigurationWebhook,
  { engine, context }: Pick<SinkContext, 'engine' | 'context'>,
): Promise<OpenedSink> {
  const { webhookConnector } = await import('@hawser/connect/webhook')
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
  return { connectors: [connector], target: placeOf(options.url) }
}

/** Without the query, which may hold a secret. */
function placeOf(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}
