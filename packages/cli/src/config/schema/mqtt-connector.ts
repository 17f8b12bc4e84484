/** A bridge to another broker. */
import { mqttDefaults as defaults, mqttDirections, mqttVersions } from '@hawser/connect/mqtt/defaults'
import * as z from 'zod'
import { brokerUrl, login, loginWhole, tls } from './connection.ts'
import { reader } from './reader.ts'
import { positive, setting, text } from './setting.ts'

const prefix = z.string().regex(/^[^+#]*$/, 'a prefix has no wildcard')
const originName = z.string().regex(/^[^,]+$/, 'a name in origins has no comma')

export const mqttConnector = z
  .strictObject({
    kind: z.literal('mqtt'),
    ...reader,
    url: brokerUrl.meta({ description: 'of the other broker' }),
    version: setting(z.enum(mqttVersions), defaults.version, 'of MQTT, that is spoken there'),
    direction: setting(z.enum(mqttDirections), defaults.direction, 'of messages, as seen from here'),
    client_id: setting(text, undefined, 'there; none: hawser-, the name and the end of the name of our log'),
    ...login,
    local_prefix: setting(prefix, defaults.localPrefix, 'comes off each topic that goes out, on what comes in'),
    remote_prefix: setting(prefix, defaults.remotePrefix, 'goes on in its stead'),
    qos: setting(z.literal([0, 1, 2]), defaults.qos, 'a message goes at its own QoS, and at this at most'),
    retain: setting(z.boolean(), defaults.retain, 'what is retained on one side is retained on the other'),
    in_flight_max: setting(
      positive.max(60_000),
      defaults.inFlightMax,
      'publishes that wait for their answer at a time',
    ),
    hops_max: setting(positive, defaults.hopsMax, 'logs and links that a message may have passed'),
    peer: setting(originName, undefined, 'what all that have a bridge to the other broker call it in origins'),
    mesh: setting(originName, undefined, 'name of a mesh of links; what has come by one goes by no other of it'),
    share: setting(
      z.string().regex(/^[^/+#]+$/, 'a group is one level of a topic'),
      undefined,
      'in: several bridges share the messages, under this name',
    ),
    session_seconds: setting(positive, defaults.sessionSeconds, 'how long the other broker keeps for us what comes in'),
    bridge_bit: setting(
      z.boolean(),
      defaults.bridgeBit,
      'in 3.1.1, where messages come in: it is told that a bridge comes',
    ),
    tls: tls.optional().meta({ description: 'for mqtts: whom it trusts, who it is' }),
  })
  .refine(...loginWhole)
  .refine(
    ({ direction, filters = ['#'], local_prefix = '' }) =>
      direction === undefined || direction === 'out' || filters.every((filter) => filter.startsWith(local_prefix)),
    { path: ['filters'], message: 'where messages come in each filter begins with local_prefix' },
  )
  .refine(({ version, direction, bridge_bit }) => version !== '3.1.1' || direction !== 'both' || bridge_bit !== false, {
    path: ['bridge_bit'],
    message: 'leave it true, or what goes out comes back: take two connectors with prefixes of their own',
  })
  .refine(({ share, direction }) => share === undefined || direction === 'in', {
    path: ['share'],
    message: 'only messages that come in are shared: say direction: in',
  })
  .meta({ description: 'a bridge to another MQTT broker: docs/bridge.md' })

export type MqttConnectorDocument = z.infer<typeof mqttConnector>
