/** What the flags fill in. Fields stay writable because a later flag overrides an earlier one, or the default file. */
import type { IClientOptions } from 'mqtt'
import type { UserProperties } from './flags/user-properties.ts'

export type Qos = 0 | 1 | 2
export type ProtocolVersion = 3 | 4 | 5

export type PropertyValue = number | boolean | string | Buffer | UserProperties
/** By the names of mqtt-packet. */
export type Properties = Record<string, PropertyValue>
export type PropertyCommand = 'connect' | 'publish' | 'subscribe' | 'unsubscribe' | 'disconnect' | 'will'

export interface ProxySettings {
  readonly host: string
  readonly port: number
  readonly username: string | undefined
  readonly password: string | undefined
}

export interface TlsSettings {
  caFile?: string
  caPath?: string
  certFile?: string
  keyFile?: string
  keyForm?: string
  ciphers?: string
  version?: string
  alpn?: string
  engine?: string
  engineKeyPassword?: string
  insecure?: boolean
  useSystemCertificates?: boolean
  psk?: string
  pskIdentity?: string
}

export interface WillSettings {
  topic?: string
  payload?: string
  qos: Qos
  retain: boolean
}

export interface ConnectionSettings {
  host: string
  port?: number
  unixPath?: string
  bindAddress?: string
  useSrv: boolean
  proxy?: ProxySettings
  clientId?: string
  clientIdPrefix?: string
  username?: string
  password?: string
  keepaliveSeconds: number
  cleanSession: boolean
  sessionExpirySeconds?: number
  protocolVersion: ProtocolVersion
  noDelay: boolean
  inflightMax: number
  qos: Qos
  debug: boolean
  quiet: boolean
  readonly tls: TlsSettings
  readonly will: WillSettings
  readonly properties: Readonly<Record<PropertyCommand, Properties>>
  /** Named twice, by -D: refused once all flags are read, as the libraries of others do. */
  readonly repeatedProperties: PropertyCommand[]
}

export type PayloadSource =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'stdin-whole' }
  | { readonly kind: 'stdin-lines' }

export interface PublishSettings extends ConnectionSettings {
  topic?: string
  source?: PayloadSource
  retain: boolean
  repeatCount: number
  repeatDelaySeconds: number
}

export interface SubscribeSettings extends ConnectionSettings {
  readonly topics: string[]
  readonly unsubscribeTopics: string[]
  readonly filterOut: string[]
  messageCount?: number
  exitAfterSubscribe: boolean
  endOfLine: boolean
  verbose: boolean
  format?: string
  pretty: boolean
  hideRetained: boolean
  retainedOnly: boolean
  removeRetained: boolean
  retainAsPublished: boolean
  /** Of 100; all are printed where it is left out. */
  randomPercent?: number
  timeoutSeconds?: number
}

/** What a -D of that command may say is checked when it is read. */
export type ConnectProperties = NonNullable<IClientOptions['properties']>

export const unlimitedSessionSeconds = 0xff_ff_ff_ff

export const connectionDefaults = (): ConnectionSettings => ({
  host: 'localhost',
  useSrv: false,
  keepaliveSeconds: 60,
  cleanSession: true,
  protocolVersion: 4,
  noDelay: false,
  inflightMax: 20,
  qos: 0,
  debug: false,
  quiet: false,
  tls: {},
  will: { qos: 0, retain: false },
  properties: { connect: {}, publish: {}, subscribe: {}, unsubscribe: {}, disconnect: {}, will: {} },
  repeatedProperties: [],
})

export const publishDefaults = (): PublishSettings => ({
  ...connectionDefaults(),
  retain: false,
  repeatCount: 1,
  repeatDelaySeconds: 0,
})

export const subscribeDefaults = (): SubscribeSettings => ({
  ...connectionDefaults(),
  topics: [],
  unsubscribeTopics: [],
  filterOut: [],
  exitAfterSubscribe: false,
  endOfLine: true,
  verbose: false,
  pretty: false,
  hideRetained: false,
  retainedOnly: false,
  removeRetained: false,
  retainAsPublished: false,
})
