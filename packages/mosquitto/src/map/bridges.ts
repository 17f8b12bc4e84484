/** Each `connection` as connectors of kind mqtt: one for each direction, QoS and pair of prefixes in it. */
import { type BridgeTopic, bridgeTopicOf } from '../conf/bridge-topic.ts'
import type { BridgeSection, MosquittoConf } from '../conf/conf.ts'

export interface MappedBridges {
  /** In the spelling of our configuration file. */
  readonly connectors: readonly Readonly<Record<string, unknown>>[]
  /** Passwords, by the name of the variable that the connectors name. */
  readonly secrets: Readonly<Record<string, string>>
}

type Resolve = (path: string) => string

export function bridgesOf({ bridges }: MosquittoConf, resolve: Resolve): MappedBridges {
  const taken = new Set<string>()
  const mapped = bridges.map((section) => mappedBridge(section, resolve, taken))
  return {
    connectors: mapped.flatMap(({ connectors }) => connectors),
    secrets: Object.assign({}, ...mapped.map(({ secrets }) => secrets)),
  }
}

function mappedBridge({ line, settings }: BridgeSection, resolve: Resolve, taken: Set<string>): MappedBridges {
  const title = String(line.value)
  const variable = `HAWSER_BRIDGE_${title.replace(/\W/g, '_').toUpperCase()}_PASSWORD`
  const password = settings.text('remote_password')
  const clientId = settings.text('remote_clientid')
  const common = {
    ...peerOf({ line, settings }, resolve),
    ...(password === undefined ? {} : { username: settings.text('remote_username'), password: { env: variable } }),
    ...numbers(settings),
  }
  const isRetained = settings.boolean('bridge_outgoing_retain') ?? true
  const connectors = grouped(settings.all('topic').map(({ value }) => String(value))).map((topics, index) => {
    const { direction, qos, localPrefix, remotePrefix } = topics[0]
    return {
      kind: 'mqtt',
      name: nameFor(title, taken),
      ...common,
      ...(clientId === undefined ? {} : { client_id: index === 0 ? clientId : `${clientId}-${index + 1}` }),
      ...{ direction, qos, local_prefix: localPrefix, remote_prefix: remotePrefix },
      filters: topics.map(({ pattern }) => `${localPrefix}${pattern}`),
      ...(direction === 'out' && !isRetained ? { retain: false } : {}),
    }
  })
  return { connectors, secrets: password === undefined ? {} : { [variable]: password } }
}

function peerOf({ settings }: BridgeSection, resolve: Resolve): object {
  const [ca, certificate, key] = ['bridge_cafile', 'bridge_certfile', 'bridge_keyfile'].map((name) =>
    settings.text(name),
  )
  const tls = {
    ...(ca === undefined ? {} : { ca_file: resolve(ca) }),
    ...(certificate === undefined ? {} : { certificate_file: resolve(certificate) }),
    ...(key === undefined ? {} : { key_file: resolve(key) }),
  }
  const isSecure = Object.keys(tls).length > 0 || settings.boolean('bridge_tls_use_os_certs') === true
  const address = settings.text('address') ?? ''
  // Mosquitto's port is 1883 with TLS too, unless said.
  const place = /^(\[[^\]]+\]|[^:]+):\d+$/.test(address) ? address : `${address}:1883`
  return {
    url: `${isSecure ? 'mqtts' : 'mqtt'}://${place}`,
    ...(Object.keys(tls).length > 0 ? { tls } : {}),
    version: settings.text('bridge_protocol_version') === 'mqttv50' ? '5.0' : '3.1.1',
  }
}

function numbers(settings: BridgeSection['settings']): object {
  const [seconds, inFlight] = ['bridge_session_expiry_interval', 'bridge_receive_maximum'].map((name) =>
    settings.number(name),
  )
  return {
    ...(seconds === undefined ? {} : { session_seconds: seconds }),
    ...(inFlight === undefined ? {} : { in_flight_max: inFlight }),
    ...(settings.boolean('try_private') === false ? { bridge_bit: false } : {}),
  }
}

type Group = [BridgeTopic, ...BridgeTopic[]]

/** What is wrong with a line has been told. */
function grouped(lines: readonly string[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const topic of lines.map(bridgeTopicOf)) {
    if (typeof topic === 'string') continue
    const { pattern: _, ...rest } = topic
    const key = JSON.stringify(rest)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [topic])
    else group.push(topic)
  }
  return [...groups.values()]
}

const nameCharactersMax = 50

/** As names of connectors are written, each once. */
function nameFor(title: string, taken: Set<string>): string {
  const plain = title
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, nameCharactersMax)
  const base = plain === '' ? 'bridge' : plain
  let name = base
  for (let count = 2; taken.has(name); count++) name = `${base}-${count}`
  taken.add(name)
  return name
}
