/** A host of Sparkplug: a reader of the log, and a client of a broker. */
import type { ConfigurationSparkplug } from '../config/sparkplug-configuration.ts'
import { loginOf, tlsOf } from './secrets.ts'
import type { OpenedSink, SinkContext } from './sinks.ts'

export async function openSparkplug(
  options: ConfigurationSparkplug,
  { engine, context }: Pick<SinkContext, 'engine' | 'context'>,
): Promise<OpenedSink> {
  const { sparkplugConnector } = await import('@hawser/connect/sparkplug')
  const { name, filters, begin, url, username, password, hostId, topic, retain, nodesMax, tls } = options
  const login = await loginOf(name, username, password)
  const connector = sparkplugConnector({
    ...{ name, filters, begin, topic, retain, nodesMax },
    state: engine.state,
    clock: context.clock,
    broker: { url, ...login, ...(tls === undefined ? {} : { tls: await tlsOf(name, tls) }) },
    rebirthMs: options.rebirthSeconds * 1000,
    ...(hostId === undefined ? {} : { hostId }),
  })
  return { connectors: [connector], target: url }
}
