/** A bridge to another broker. */
import type { ConfigurationMqtt } from '../config/mqtt-configuration.ts'
import { loginOf, tlsOf } from './secrets.ts'
import type { OpenedSink, SinkContext } from './sinks.ts'

export async function openMqtt(
  options: ConfigurationMqtt,
  { engine, context: { clock } }: Pick<SinkContext, 'engine' | 'context'>,
): Promise<OpenedSink> {
  const { mqttBridge } = await import('@hawser/connect/mqtt')
  const { kind: _, url, version, clientId, username, password, tls, peer: peerName, mesh, share, ...rest } = options
  const login = await loginOf(rest.name, username, password)
  const bridge = mqttBridge({
    ...rest,
    ...(peerName === undefined ? {} : { peerName }),
    ...(mesh === undefined ? {} : { mesh }),
    ...(share === undefined ? {} : { share }),
    state: engine.state,
    clock,
    peer: {
      ...{ url, version, ...login },
      ...(clientId === undefined ? {} : { clientId }),
      ...(tls === undefined ? {} : { tls: await tlsOf(rest.name, tls) }),
    },
  })
  return { ...bridge, target: url }
}
