/** Options of `connection` blocks. All stand or fall with the bridge itself. */
import { type Argument, type Option, refused, text, unread } from './option.ts'

const bridge = refused(
  'bridges are not translated',
  'take the connection block out; for topics that go out configure a connector of kind mqtt (docs/bridge.md), for those that come in run the bridge in a Mosquitto beside this broker',
)

const names: readonly (readonly [name: string, since: '2.0' | '2.1', aliases?: readonly string[]])[] = [
  ['address', '2.0', ['addresses']],
  ['bridge_alpn', '2.0'],
  ['bridge_attempt_unsubscribe', '2.0'],
  ['bridge_bind_address', '2.0'],
  ['bridge_cafile', '2.0'],
  ['bridge_capath', '2.0'],
  ['bridge_certfile', '2.0'],
  ['bridge_ciphers', '2.1'],
  ['bridge_ciphers_tls1.3', '2.1'],
  ['bridge_identity', '2.0'],
  ['bridge_insecure', '2.0'],
  ['bridge_keyfile', '2.0'],
  ['bridge_max_packet_size', '2.0'],
  ['bridge_max_topic_alias', '2.1'],
  ['bridge_outgoing_retain', '2.0'],
  ['bridge_protocol_version', '2.0'],
  ['bridge_receive_maximum', '2.1'],
  ['bridge_reload_type', '2.1'],
  ['bridge_require_ocsp', '2.0'],
  ['bridge_session_expiry_interval', '2.1'],
  ['bridge_tcp_keepalive', '2.1'],
  ['bridge_tcp_user_timeout', '2.1'],
  ['bridge_tls_use_os_certs', '2.1'],
  ['bridge_tls_version', '2.0'],
  ['cleansession', '2.0'],
  ['idle_timeout', '2.0'],
  ['keepalive_interval', '2.0'],
  ['local_cleansession', '2.0'],
  ['local_clientid', '2.0'],
  ['local_username', '2.0'],
  ['notification_topic', '2.0'],
  ['notifications', '2.0'],
  ['notifications_local_only', '2.0'],
  ['remote_clientid', '2.0', ['clientid']],
  ['remote_username', '2.0', ['username']],
  ['restart_timeout', '2.0'],
  ['round_robin', '2.0'],
  ['start_type', '2.0'],
  ['threshold', '2.0'],
  ['topic', '2.0'],
  ['try_private', '2.0'],
]

const option = (name: string, since: '2.0' | '2.1', argument: Argument): Option => ({
  name,
  argument,
  scope: 'bridge',
  since,
  verdict: bridge,
  again: 'adds',
})

export const bridgeOptions: readonly Option[] = [
  { ...option('connection', '2.0', text), scope: 'global' },
  ...names.map(
    ([name, since, aliases]): Option => ({
      ...option(name, since, unread),
      ...(aliases === undefined ? {} : { aliases }),
    }),
  ),
  { ...option('bridge_psk', '2.0', unread), secret: true },
  { ...option('local_password', '2.0', unread), secret: true },
  { ...option('remote_password', '2.0', unread), aliases: ['password'], secret: true },
]
