/** Listeners as configured: a map by name, `mqtt` and `ws` always in it. */
import { resolve } from 'node:path'
import type {
  ClientCertificateMode,
  ListenerLimitName,
  ListenerOptions,
  ProtocolOptions,
  tlsVersions,
} from '@hawser/broker'
import { beside } from './auth-files.ts'

export type ListenerProtocol = ListenerOptions['protocol']

export interface ConfigurationCertificate {
  readonly certificateFile: string
  readonly keyFile: string
  readonly passphrase?: string | undefined
}

export interface ConfigurationTls extends ConfigurationCertificate {
  readonly caFile?: string | undefined
  readonly crlFile?: string | undefined
  readonly clientCertificate?: ClientCertificateMode | undefined
  readonly minVersion?: (typeof tlsVersions)[number] | undefined
  readonly ciphers?: string | undefined
  readonly names?: Readonly<Record<string, ConfigurationCertificate>> | undefined
}

/** Limits of its own, in place of those of all. */
type ListenerLimits = { readonly [Name in ListenerLimitName]?: number | undefined }

export interface ConfigurationListener extends ListenerLimits {
  readonly protocol: ListenerProtocol
  readonly enabled?: boolean | undefined
  readonly host: string
  readonly port: number
  /** Path of a Unix socket, in place of host and port. */
  readonly socket?: string | undefined
  /** Octal. */
  readonly socketMode?: string | undefined
  /** Overrides that of the whole configuration. */
  readonly allowAnonymous?: boolean | undefined
  readonly tls?: ConfigurationTls | undefined
  readonly websocket?:
    | { readonly path?: string | undefined; readonly origins?: readonly string[] | undefined }
    | undefined
  readonly proxyProtocol?: { readonly trusted: readonly string[]; readonly required?: boolean | undefined } | undefined
  readonly mountPoint?: string | undefined
  /** Over `mqtt` of the whole configuration. */
  readonly mqtt?: Partial<ProtocolOptions> | undefined
}

export type ConfigurationListeners = Readonly<Record<string, ConfigurationListener>> & {
  readonly mqtt: ConfigurationListener
  readonly ws: ConfigurationListener
}

/** 127.0.0.1 and ::1. */
const loopback = 'localhost'

export const portDefaults: Readonly<Record<ListenerProtocol, number>> = { mqtt: 1883, mqtts: 8883, ws: 9001, wss: 9002 }

export const defaultListeners: ConfigurationListeners = {
  mqtt: { protocol: 'mqtt', host: loopback, port: portDefaults.mqtt },
  ws: { protocol: 'ws', host: loopback, port: portDefaults.ws },
}

/** What a listener leaves out. */
export function withListenerDefaults(listeners: ConfigurationListeners): ConfigurationListeners {
  return Object.fromEntries(
    Object.entries(listeners).map(([name, listener]) => [
      name,
      { host: loopback, port: portDefaults[listener.protocol], ...definedOf(listener) },
    ]),
  ) as ConfigurationListeners
}

/** A flag that was not given stands as undefined and overrides nothing. */
function definedOf(
  listener: ConfigurationListener,
): Partial<ConfigurationListener> & Pick<ConfigurationListener, 'protocol'> {
  const { protocol, ...rest } = listener
  return { protocol, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) }
}

/** Those that are listened at, in the order of the configuration. */
export function enabledListeners(listeners: ConfigurationListeners): (readonly [string, ConfigurationListener])[] {
  return Object.entries(listeners).filter(([, { enabled = true }]) => enabled)
}

/** Files are named from where the configuration lies. */
export function listenersBeside<Listeners>(listeners: Listeners, folder: string): Listeners {
  const entries = Object.entries(beside(listeners, folder) as Record<string, Partial<ConfigurationListener>>)
  return Object.fromEntries(
    entries.map(([name, listener]) => {
      const { socket } = listener
      return [name, socket === undefined ? listener : { ...listener, socket: resolve(folder, socket) }]
    }),
  ) as Listeners
}
