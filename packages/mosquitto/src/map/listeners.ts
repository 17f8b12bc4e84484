/** Each listener of Mosquitto as one of ours, or as several where it is opened at several addresses. */
import { HawserError } from '@hawser/std'
import { acceptedVersions } from '../conf/accepted-versions.ts'
import type { ListenerSection, MosquittoConf, Settings } from '../conf/conf.ts'

export interface InterfaceAddress {
  readonly address: string
  readonly family: 'IPv4' | 'IPv6'
}

/** By the interface's name: what the system says it has now. */
export type Interfaces = Readonly<Record<string, readonly InterfaceAddress[]>>

export interface MappedListener {
  readonly name: string
  /** In the spelling of our configuration file. */
  readonly listener: Readonly<Record<string, unknown>>
  readonly access: Readonly<Record<string, unknown>>
}

interface ListenerContext {
  readonly resolve: (path: string) => string
  readonly interfaces: Interfaces
}

interface Address {
  readonly host?: string
  readonly port?: number
  readonly socket?: string
  readonly socket_mode?: string
}

export function listenersOf(conf: MosquittoConf, context: ListenerContext): readonly MappedListener[] {
  const sections = conf.listeners
  const taken = new Set<string>()
  if (sections.length === 0) {
    return localAddresses(context).map((address) => mapped(undefined, address, conf, context, taken))
  }
  return sections.flatMap((section) =>
    addressesOf(section, context).map((address) => mapped(section, address, conf, context, taken)),
  )
}

const defaultPort = 1883
/** Mosquitto leaves its socket to the umask, by which nobody else may write to it. */
const ownerAlone = '0700'

/** Mosquitto's local only mode. */
const localAddresses = ({ interfaces }: ListenerContext): readonly Address[] =>
  ['127.0.0.1', ...(hasAddress(interfaces, '::1') ? ['::1'] : [])].map((host) => ({ host, port: defaultPort }))

const hasAddress = (interfaces: Interfaces, wanted: string): boolean =>
  Object.values(interfaces)
    .flat()
    .some(({ address }) => address === wanted)

function addressesOf({ line, settings }: ListenerSection, context: ListenerContext): readonly Address[] {
  const [word = `${settings.number('port') ?? defaultPort}`, second] = String(line?.value ?? '')
    .split(/ +/)
    .filter(Boolean)
  const port = Number(word)
  const where = second?.startsWith('#') ? undefined : second
  if (port === 0) return [{ socket: context.resolve(where ?? ''), socket_mode: ownerAlone }]
  const device = settings.text('bind_interface')
  const family = settings.text('socket_domain')
  if (device !== undefined) return deviceAddresses(device, family, context).map((host) => ({ host, port }))
  const host = where ?? settings.text('bind_address')
  if (host !== undefined) return [{ host, port }]
  return everyAddress(family, context).map((each) => ({ host: each, port }))
}

function deviceAddresses(
  device: string,
  family: string | undefined,
  { interfaces }: ListenerContext,
): readonly string[] {
  const addresses = (interfaces[device] ?? []).filter((each) => isOfFamily(each, family))
  if (addresses.length > 0) return addresses.map(({ address }) => reachable(address, device))
  throw new HawserError('CONFIG_INVALID', `the interface ${device} has no address to listen on`, {
    mend: 'name one that is up, or give the address itself',
  })
}

const isOfFamily = ({ family }: InterfaceAddress, wanted: string | undefined): boolean =>
  wanted === undefined || family.toLowerCase() === wanted

/** An address that is good on one link only is named with it. */
const reachable = (address: string, device: string): string =>
  address.toLowerCase().startsWith('fe80:') ? `${address}%${device}` : address

/** `::` would take IPv4 too: where only IPv6 is wanted, each of its addresses is opened. */
function everyAddress(family: string | undefined, context: ListenerContext): readonly string[] {
  if (family === 'ipv4') return ['0.0.0.0']
  const devices = Object.keys(context.interfaces)
  const six = devices.flatMap((device) => (hasFamily(context, device) ? deviceAddresses(device, 'ipv6', context) : []))
  if (family === 'ipv6') return six
  return six.length > 0 ? ['::'] : ['0.0.0.0']
}

const hasFamily = ({ interfaces }: ListenerContext, device: string): boolean =>
  (interfaces[device] ?? []).some(({ family }) => family === 'IPv6')

function mapped(
  section: ListenerSection | undefined,
  address: Address,
  conf: MosquittoConf,
  { resolve }: ListenerContext,
  taken: Set<string>,
): MappedListener {
  const isLocalOnly = section === undefined
  const settings = section?.settings ?? conf.settings
  // Without per_listener_settings the options of users and rights stand for the whole broker.
  const security = conf.perListenerSettings ? settings : conf.settings
  const path = (from: Settings, name: string): string | undefined => {
    const file = from.text(name)
    return file === undefined ? undefined : resolve(file)
  }
  const identity = identityOf(settings)
  const anonymous = settings.boolean('listener_allow_anonymous') ?? security.boolean('allow_anonymous') ?? isLocalOnly
  return {
    name: nameOf(address, taken),
    listener: given({
      ...protocolOf(settings, (name) => path(settings, name)),
      ...address,
      allow_anonymous: anonymous,
      mount_point: settings.text('mount_point'),
      connections_max: aboveZero(settings.number('max_connections')),
      topic_alias_maximum: settings.number('max_topic_alias'),
      mqtt: given({
        accept_versions: acceptedVersions(settings)?.map(Number),
        qos_max: settings.number('max_qos'),
        empty_client_id_allowed: security.boolean('allow_zero_length_clientid'),
        assigned_client_id_prefix:
          settings.text('listener_auto_id_prefix') ?? security.text('auto_id_prefix') ?? 'auto-',
      }),
    }),
    access: given({
      allow_anonymous: anonymous,
      password_file: path(security, 'password_file'),
      acl_file: path(security, 'acl_file'),
      username: identity,
    }),
  }
}

function nameOf({ port, socket }: Address, taken: Set<string>): string {
  const first = socket === undefined ? `listener-${port}` : 'unix'
  let name = first
  for (let number = 2; taken.has(name); number++) name = `${first}-${number}`
  taken.add(name)
  return name
}

/** Mosquitto takes 0 and less for no bound. */
const aboveZero = (count: number | undefined): number | undefined =>
  count === undefined || count <= 0 ? undefined : count

function identityOf(settings: Settings): 'common-name' | 'subject' | undefined {
  if (settings.boolean('use_identity_as_username') === true) return 'common-name'
  return settings.boolean('use_subject_as_username') === true ? 'subject' : undefined
}

function protocolOf(settings: Settings, path: (name: string) => string | undefined): Readonly<Record<string, unknown>> {
  const overWebSocket = settings.text('protocol') === 'websockets'
  const origins = settings.all('websockets_origin').map(({ value }) => String(value))
  const websocket = overWebSocket ? { websocket: { origins: origins.length > 0 ? origins : ['*'] } } : {}
  if (!settings.has('certfile')) return { protocol: overWebSocket ? 'ws' : 'mqtt', ...websocket }
  const isRequired = settings.boolean('require_certificate') === true
  const ciphers = [settings.text('ciphers_tls1.3'), settings.text('ciphers')].filter((each) => each !== undefined)
  return {
    protocol: overWebSocket ? 'wss' : 'mqtts',
    ...websocket,
    tls: given({
      certificate_file: path('certfile'),
      key_file: path('keyfile'),
      ca_file: isRequired ? path('cafile') : undefined,
      crl_file: isRequired ? path('crlfile') : undefined,
      client_certificate: isRequired ? 'require' : undefined,
      min_version: settings.text('tls_version') === 'tlsv1.3' ? 'TLSv1.3' : 'TLSv1.2',
      ciphers: ciphers.length === 0 ? undefined : ciphers.join(':'),
    }),
  }
}

/** Without what was left out. */
const given = (value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined))
