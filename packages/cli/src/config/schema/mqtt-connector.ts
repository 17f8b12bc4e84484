/** Another broker that the log goes to. */
import { mqttDefaults as defaults, mqttVersions } from '@hawser/connect/mqtt/defaults'
import * as z from 'zod'
import { brokerUrl, login, loginWhole, tls } from './connection.ts'
import { reader } from './reader.ts'
import { positive, setting, text } from './setting.ts'

const prefix = z.string().regex(/^[^+#]*$/, 'a prefix has no wildcard')

export const mqttConnector = z
  .strictObject({
    kind: z.literal('mqtt'),
    ...reader,
    url: brokerUrl.meta({ description: 'of the other broker' }),
    version: setting(z.enum(mqttVersions), defaults.version, 'of MQTT, that is spoken there'),
    client_id: setting(text, undefined, 'there; none: hawser- and the name'),
    ...login,
    local_prefix: setting(prefix, defaults.localPrefix, 'comes off each topic'),
    remote_prefix: setting(prefix, defaults.remotePrefix, 'goes on in its stead'),
    qos: setting(z.literal([0, 1, 2]), defaults.qos, 'a message goes at its own QoS, and at this at most'),
    retain: setting(z.boolean(), defaults.retain, 'what is retained here is retained there'),
    in_flight_max: setting(positive, defaults.inFlightMax, 'publishes that wait for their answer at a time'),
    hops_max: setting(positive, defaults.hopsMax, 'logs and links that a message may have passed'),
    tls: tls.optional().meta({ description: 'for mqtts: whom it trusts, who it is' }),
  })
  .refine(...loginWhole)
  .meta({ description: 'another MQTT broker: docs/bridge.md' })
