/** How to reach the broker and to greet it: flags that `pub` and `sub` share. */
import { ArgumentRefusal } from '../refusal.ts'
import { type ConnectionSettings, type ProtocolVersion, type Qos, unlimitedSessionSeconds } from '../settings.ts'
import { isTopicName } from '../topics.ts'
import { type Flag, integerWithin, leadingInteger } from './flag.ts'
import { propertyFlag } from './properties.ts'
import { readProxyUrl } from './proxy-url.ts'

const protocolVersions: Readonly<Record<string, ProtocolVersion>> = {
  mqttv31: 3,
  '31': 3,
  mqttv311: 4,
  '311': 4,
  mqttv5: 5,
  '5': 5,
}

export const connectionFlags: readonly Flag<ConnectionSettings>[] = [
  {
    short: '-h',
    long: '--host',
    value: 'HOST',
    missing: 'no host specified',
    help: 'broker (localhost)',
    set: (settings, host = '') => {
      settings.host = host
    },
  },
  {
    short: '-p',
    long: '--port',
    value: 'N',
    missing: 'no port specified',
    help: 'its port (1883; with TLS 8883)',
    set: (settings, text = '') => {
      settings.port = integerWithin(text, 0, 65_535, (value) => `Error: Invalid port given: ${value}`)
    },
  },
  {
    long: '--unix',
    value: 'PATH',
    missing: 'no socket path specified',
    help: 'connect through this Unix socket instead',
    set: (settings, path = '') => {
      settings.unixPath = path
    },
  },
  {
    short: '-A',
    value: 'ADDRESS',
    missing: 'no address specified',
    help: 'local address to connect from',
    set: (settings, address = '') => {
      settings.bindAddress = address
    },
  },
  {
    short: '-S',
    help: 'look the broker up by DNS, as SRV record _mqtt._tcp.HOST',
    set: (settings) => {
      settings.useSrv = true
    },
  },
  {
    long: '--proxy',
    value: 'URL',
    missing: 'no proxy url specified',
    help: 'SOCKS5 proxy: socks5h://[username[:password]@]host[:port]',
    set: (settings, url = '') => {
      settings.proxy = readProxyUrl(url)
    },
  },
  {
    long: '--nodelay',
    help: "disable Nagle's algorithm",
    set: (settings) => {
      settings.noDelay = true
    },
  },
  {
    short: '-i',
    long: '--id',
    value: 'ID',
    missing: 'no id specified',
    help: 'client id',
    set: (settings, id = '') => {
      refuseBothIds(settings.clientIdPrefix)
      settings.clientId = id
    },
  },
  {
    short: '-I',
    long: '--id-prefix',
    value: 'PREFIX',
    missing: 'no id prefix specified',
    help: 'client id made of this and the process id',
    set: (settings, prefix = '') => {
      refuseBothIds(settings.clientId)
      settings.clientIdPrefix = prefix
    },
  },
  {
    short: '-u',
    long: '--username',
    value: 'NAME',
    missing: 'no username specified',
    help: 'user name',
    set: (settings, name = '') => {
      settings.username = name
    },
  },
  {
    short: '-P',
    long: '--pw',
    value: 'PASSWORD',
    missing: 'no password specified',
    help: 'password',
    set: (settings, password = '') => {
      settings.password = password
    },
  },
  {
    short: '-k',
    long: '--keepalive',
    value: 'SECONDS',
    missing: 'no keepalive specified',
    help: 'keep alive (60)',
    set: (settings, text = '') => {
      const complaint = 'Error: Invalid keepalive given, it must be between 5 and 65535 inclusive.'
      settings.keepaliveSeconds = integerWithin(text, 5, 65_535, () => complaint)
    },
  },
  {
    short: '-c',
    long: '--disable-clean-session',
    help: 'keep the session on the broker',
    set: (settings) => {
      settings.cleanSession = false
    },
  },
  {
    short: '-x',
    value: 'SECONDS',
    missing: 'no session expiry interval specified',
    help: 'how long the broker keeps the session, MQTT 5; -1 or ∞ for ever',
    set: (settings, text = '') => {
      settings.sessionExpirySeconds = sessionExpirySeconds(text)
    },
  },
  {
    short: '-V',
    long: '--protocol-version',
    value: 'VERSION',
    missing: 'no version specified',
    help: 'mqttv31, mqttv311 (the default) or mqttv5; or 31, 311, 5',
    set: (settings, text = '') => {
      const version = protocolVersions[text]
      if (version === undefined) throw new ArgumentRefusal('Error: Invalid protocol version argument given.')
      settings.protocolVersion = version
    },
  },
  {
    short: '-q',
    long: '--qos',
    value: 'QOS',
    missing: 'no QoS specified',
    help: 'quality of service: 0 (the default), 1 or 2',
    set: (settings, text = '') => {
      settings.qos = integerWithin(text, 0, 2, (value) => `Error: Invalid QoS given: ${value}`) as Qos
    },
  },
  {
    short: '-M',
    value: 'N',
    missing: 'max_inflight not specified',
    help: 'most messages of QoS 1 and 2 that wait for their acknowledgement (20)',
    set: (settings, text = '') => {
      const complaint = 'Error: Maximum inflight messages must be greater than 0.'
      settings.inflightMax = integerWithin(text, 1, Number.MAX_SAFE_INTEGER, () => complaint)
    },
  },
  propertyFlag,
  {
    long: '--will-topic',
    value: 'TOPIC',
    missing: 'no will topic specified',
    help: 'topic of the will',
    set: (settings, topic = '') => {
      if (!isTopicName(topic))
        throw new ArgumentRefusal(`Error: Invalid will topic '${topic}', does it contain '+' or '#'?`)
      settings.will.topic = topic
    },
  },
  {
    long: '--will-payload',
    value: 'TEXT',
    missing: 'no will payload specified',
    help: 'payload of the will (empty)',
    set: (settings, payload = '') => {
      settings.will.payload = payload
    },
  },
  {
    long: '--will-qos',
    value: 'QOS',
    missing: 'no will QoS specified',
    help: 'quality of service of the will (0)',
    set: (settings, text = '') => {
      settings.will.qos = integerWithin(text, 0, 2, (value) => `Error: Invalid will QoS ${value}.`) as Qos
    },
  },
  {
    long: '--will-retain',
    help: 'retain the will',
    set: (settings) => {
      settings.will.retain = true
    },
  },
  {
    short: '-d',
    long: '--debug',
    help: 'print each packet',
    set: (settings) => {
      settings.debug = true
    },
  },
  {
    long: '--quiet',
    help: 'print no error messages while running',
    set: (settings) => {
      settings.quiet = true
    },
  },
]

function refuseBothIds(other: string | undefined): void {
  if (other !== undefined) throw new ArgumentRefusal('Error: -i and -I argument cannot be used together.')
}

function sessionExpirySeconds(text: string): number {
  if (text === '∞') return unlimitedSessionSeconds
  if (!/^\s*[+-]?(0x[\da-f]+|\d+)$/i.test(text))
    throw new ArgumentRefusal('Error: session-expiry-interval not a number.')
  const value = /0x/i.test(text) ? Number(text) : leadingInteger(text)
  if (value < -1 || value > unlimitedSessionSeconds)
    throw new ArgumentRefusal('Error: session-expiry-interval out of range.')
  return value === -1 ? unlimitedSessionSeconds : value
}
