/** Options of `connection` blocks: each connection is one connector of kind mqtt, or several (docs/bridge.md). */
import {
  type Argument,
  anyInteger,
  boolean,
  harmless,
  honoured,
  integer,
  type Option,
  refused,
  text,
  unread,
  type ValueVerdict,
  type Verdict,
  word,
} from './option.ts'

const takeOut = 'take it out'
const noRights = harmless('the bridge is part of this process, and may do everything here, as with Mosquitto')
const psk = refused('there is no TLS with pre-shared keys', 'give both sides certificates')

interface Further {
  readonly aliases?: readonly string[]
  readonly except?: readonly ValueVerdict[]
  readonly again?: 'adds'
  readonly since?: '2.1'
  readonly secret?: true
}

const option = (name: string, argument: Argument, verdict: Verdict, further: Further = {}): Option => ({
  ...{ name, argument, scope: 'bridge', since: '2.0', verdict },
  ...further,
})

const butFor = (value: string | number | boolean, verdict: Verdict): Further => ({
  except: [{ values: [value], verdict }],
})

const longestWaitSeconds = 0xffff_ffff

export const bridgeOptions: readonly Option[] = [
  {
    ...option('connection', text, honoured('a bridge: a connector of kind mqtt for each set of prefixes and QoS')),
    scope: 'global',
    again: 'adds',
  },
  option('address', text, honoured('the other broker; one of them'), { aliases: ['addresses'] }),
  option('topic', text, honoured('filters, direction, QoS and prefixes of the connector'), { again: 'adds' }),
  option('remote_clientid', text, honoured('client_id; a second connector of the same connection has -2 behind it'), {
    aliases: ['clientid'],
  }),
  option('remote_username', text, honoured('username'), { aliases: ['username'] }),
  option('remote_password', text, honoured('password'), { aliases: ['password'], secret: true }),
  option(
    'bridge_protocol_version',
    word('mqttv31', 'mqttv311', 'mqttv50'),
    honoured('version; without it 3.1.1'),
    butFor('mqttv31', refused('3.1 is not spoken to other brokers', 'write mqttv311')),
  ),
  option('try_private', boolean, honoured('bridge_bit, in 3.1.1')),
  option('cleansession', boolean, honoured('the session there is durable, and so is our place in the log'), {
    ...butFor(true, harmless('the session is durable all the same: what waits is kept')),
  }),
  option('bridge_session_expiry_interval', integer(1, longestWaitSeconds), honoured('session_seconds'), {
    since: '2.1',
  }),
  option('bridge_receive_maximum', integer(1, 60_000), honoured('in_flight_max'), { since: '2.1' }),
  option('bridge_outgoing_retain', boolean, honoured('retain of what goes out')),
  option('bridge_cafile', text, honoured('tls.ca_file')),
  option('bridge_certfile', text, honoured('tls.certificate_file')),
  option('bridge_keyfile', text, honoured('tls.key_file')),
  option('bridge_tls_use_os_certs', boolean, honoured('TLS with the authorities that Node trusts'), { since: '2.1' }),
  option(
    'bridge_insecure',
    boolean,
    harmless('the name in the certificate is checked'),
    butFor(true, refused('the name in the other broker’s certificate is always checked', takeOut)),
  ),
  option(
    'bridge_capath',
    unread,
    refused('authorities come from one file', 'put them into one, and name it by bridge_cafile'),
  ),
  option('bridge_tls_version', word(), harmless('TLS 1.3 is spoken, or 1.2')),
  option('bridge_alpn', unread, refused('no ALPN protocol is offered', takeOut)),
  option('bridge_ciphers', unread, refused('ciphers are Node’s', takeOut), { since: '2.1' }),
  option('bridge_ciphers_tls1.3', unread, refused('ciphers are Node’s', takeOut), { since: '2.1' }),
  option('bridge_require_ocsp', boolean, harmless('it is the default'), {
    ...butFor(true, refused('OCSP is not asked for', takeOut)),
  }),
  option('bridge_identity', unread, psk),
  option('bridge_psk', unread, psk, { secret: true }),
  option('bridge_bind_address', unread, refused('the system chooses the address that a bridge comes from', takeOut)),
  option('bridge_max_packet_size', anyInteger, refused('packets are as large as the other broker takes', takeOut), {
    ...butFor(0, harmless('it is the default')),
  }),
  option('bridge_attempt_unsubscribe', boolean, harmless('topics that are no longer there are unsubscribed')),
  option('bridge_max_topic_alias', anyInteger, harmless('topics are always written out'), { since: '2.1' }),
  option('bridge_reload_type', word(), harmless('a changed bridge takes a restart'), { since: '2.1' }),
  option('bridge_tcp_keepalive', unread, harmless('MQTT’s own keep-alive notices a dead connection'), { since: '2.1' }),
  option('bridge_tcp_user_timeout', unread, harmless('MQTT’s own keep-alive notices a dead connection'), {
    since: '2.1',
  }),
  option('idle_timeout', unread, harmless('it is for start_type lazy')),
  option('threshold', unread, harmless('it is for start_type lazy')),
  option('keepalive_interval', anyInteger, harmless('30 s')),
  option('restart_timeout', unread, harmless('it is tried again after 0.1 to 10 s, later and later, with jitter')),
  option('start_type', word('automatic', 'lazy', 'manual', 'once'), honoured('it is there with the broker'), {
    except: [
      { values: ['lazy', 'manual', 'once'], verdict: refused('a bridge is there with the broker', 'write automatic') },
    ],
  }),
  option(
    'round_robin',
    boolean,
    harmless('it is the default'),
    butFor(true, refused('a bridge goes to one broker', takeOut)),
  ),
  option('local_cleansession', boolean, noRights),
  option('local_clientid', text, noRights),
  option('local_username', text, noRights),
  option('local_password', unread, noRights, { secret: true }),
  option('notifications', boolean, harmless('how it stands is told by metrics, the log and hawser connector show')),
  option('notifications_local_only', boolean, harmless('no notifications are published')),
  option('notification_topic', text, refused('no notifications are published', takeOut)),
]
