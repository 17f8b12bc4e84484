/** `listeners:` of the configuration file. */
import { clientCertificateModes, describedLimits, listenerLimitNames, tlsVersions } from '@hawser/broker'
import * as z from 'zod'
import { defaultListeners, portDefaults } from '../listeners.ts'
import { snakeCase } from '../names.ts'
import { mqttAtListener } from './mqtt.ts'
import { count, port, positive, setting, text } from './setting.ts'

const certificateKeys = {
  certificate_file: text.meta({ description: 'PEM file: the certificate, and those between it and its authority' }),
  key_file: text.meta({ description: 'PEM file of its key' }),
  passphrase: setting(text, undefined, 'opens the key'),
}

const hostName = z.string().regex(/^(\*\.)?[a-z0-9.-]+$/, 'a host name in lower case, or *. and one')

const tls = z
  .strictObject({
    ...certificateKeys,
    ca_file: setting(text, undefined, 'PEM file of who signs client certificates'),
    crl_file: setting(text, undefined, 'PEM file of revocation lists, one for each authority of a chain'),
    client_certificate: setting(z.enum(clientCertificateModes), 'none', 'whether a client has to show one'),
    min_version: setting(z.enum(tlsVersions), 'TLSv1.2', 'nothing older is spoken'),
    ciphers: setting(text, undefined, 'in the notation of OpenSSL'),
    names: setting(
      z.record(hostName, z.strictObject(certificateKeys)),
      undefined,
      'other certificates, by the host name that a client asks for',
    ),
  })
  .meta({ description: 'certificates are read anew by a reload, and no client is dropped' })

const websocket = z
  .strictObject({
    path: setting(z.string().startsWith('/', 'a path begins with /'), undefined, 'the only one that is answered'),
    origins: setting(
      z.array(text),
      undefined,
      'origins of pages that may connect, "*" for all; left out: pages that this host served',
    ),
  })
  .optional()

const proxyProtocol = z
  .strictObject({
    trusted: z.array(text).min(1).meta({ description: 'addresses or CIDR blocks of the proxies' }),
    required: setting(z.boolean(), true, 'nobody comes in but through them'),
  })
  .meta({ description: 'version 1 or 2 of the PROXY protocol stands in front of every connection' })
  .optional()

const addressKeys = (host: string, portDefault: number) => ({
  host: setting(text, host, 'address to listen on'),
  port: setting(port, portDefault, '0 lets the system choose'),
  socket: setting(text, undefined, 'path of a Unix socket, in place of host and port'),
  socket_mode: setting(
    z.string().regex(/^0?[0-7]{3}$/, 'rights as octal digits in quotes, "0660"'),
    '0660',
    'rights of the socket, in quotes',
  ),
})

/** Limits of its own, in place of those of all. */
const limitKeys = Object.fromEntries(
  listenerLimitNames.map((name) => [
    snakeCase(name),
    setting(count, undefined, `in place of limits.${snakeCase(name)}: ${describedLimits[name].bounds}`),
  ]),
)

const ruleKeys = {
  enabled: setting(z.boolean(), true, 'false: not listened at'),
  allow_anonymous: setting(z.boolean(), undefined, 'overrides allow_anonymous for this listener'),
  proxy_protocol: proxyProtocol,
  mount_point: setting(
    z.string().regex(/^[^+#\0]+$/, 'a mount point holds neither + nor #'),
    undefined,
    'put before every topic that its clients name, taken away from every topic that they are told',
  ),
  ...limitKeys,
  connections_max: setting(positive, undefined, 'connections of this listener'),
  packet_bytes_max: setting(count.min(64), undefined, 'a lower bound than limits.packet_bytes_max'),
  topic_alias_maximum: setting(count.max(65_535), undefined, 'in place of limits.topic_alias_maximum'),
  mqtt: mqttAtListener.optional(),
}

const { mqtt, ws } = defaultListeners

const keysOf = (protocol: keyof typeof portDefaults) => ({
  protocol: z.literal(protocol).meta({ description: 'what is spoken there' }),
  ...addressKeys(mqtt.host, portDefaults[protocol]),
  ...ruleKeys,
})

const furtherListener = z
  .discriminatedUnion('protocol', [
    z.strictObject(keysOf('mqtt')),
    z.strictObject({ ...keysOf('mqtts'), tls }),
    z.strictObject({ ...keysOf('ws'), websocket }),
    z.strictObject({ ...keysOf('wss'), tls, websocket }),
  ])
  .meta({ description: 'a listener by a name of your own' })

/** Under these two names nothing but an address has to be given, and not even that. */
const known = {
  mqtt: z
    .strictObject({ protocol: z.literal('mqtt').optional(), ...addressKeys(mqtt.host, mqtt.port), ...ruleKeys })
    .optional()
    .meta({ description: 'MQTT over TCP' }),
  ws: z
    .strictObject({ protocol: z.literal('ws').optional(), ...addressKeys(ws.host, ws.port), ...ruleKeys, websocket })
    .optional()
    .meta({ description: 'MQTT over WebSocket' }),
}

const listenerName = /^[a-z][a-z0-9-]{0,30}$/

export const listeners = z
  .object(known)
  .catchall(furtherListener)
  .check(({ value, issues }) => {
    for (const name of Object.keys(value).filter((key) => !listenerName.test(key))) {
      const message = 'a name is lower-case letters, digits and hyphens'
      issues.push({ code: 'custom', input: value, path: [name], message })
    }
  })
  .meta({ description: 'where clients come in; mqtt and ws are always there unless disabled' })
