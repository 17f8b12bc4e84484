/** What a listener is told: how it is reached, what is spoken there, and the rules of those who come in by it. */

import type { Limits, ListenerLimitName } from '../limits/limits.ts'
import type { ProtocolOptions } from '../protocol/options.ts'

/** A certificate chain and its key, as PEM. */
export interface ServerCertificate {
  readonly certificate: string | Buffer
  readonly key: string | Buffer
  readonly passphrase?: string
}

export const clientCertificateModes = ['none', 'request', 'require'] as const
/** `request`: a client may come without one, never with a bad one. */
export type ClientCertificateMode = (typeof clientCertificateModes)[number]

export const tlsVersions = ['TLSv1.2', 'TLSv1.3'] as const

export interface TlsOptions extends ServerCertificate {
  /** Who signs client certificates; none: nobody is trusted, not even the system's authorities. */
  readonly ca?: string | Buffer
  /** Revoked client certificates, one list for each authority of a client's chain. */
  readonly crl?: string | Buffer
  readonly clientCertificate?: ClientCertificateMode
  /** Default: TLSv1.2. */
  readonly minVersion?: (typeof tlsVersions)[number]
  /** OpenSSL's notation. */
  readonly ciphers?: string
  /** Other certificates by the host name that a client asks for; `*.example.org` is any one label. */
  readonly names?: Readonly<Record<string, ServerCertificate>>
}

export interface WebSocketOptions {
  /** The only path that is answered; default: any. */
  readonly path?: string
  /** Origins of pages that may connect, `*` for all. Default: pages that this host served itself. */
  readonly origins?: readonly string[]
}

export interface ProxyProtocolOptions {
  /** Addresses and CIDR blocks of the proxies. Who comes from elsewhere is not one, whatever it sends. */
  readonly trusted: readonly string[]
  /** Nobody is let in without a header. Default: true. */
  readonly required?: boolean
}

/** Its limits are the broker's where it has none of its own. */
export interface ListenerRules extends Partial<Pick<Limits, ListenerLimitName>> {
  /** Put before every topic that its clients name, taken away from every topic that they are told. */
  readonly mountPoint?: string
  /** What of the protocol is offered here, over what the broker offers. */
  readonly offers?: Partial<ProtocolOptions>
}

export type ListenerAddress =
  | {
      readonly host: string
      /** 0: any free one. */
      readonly port: number
    }
  | {
      readonly socketPath: string
      /** Rights of the socket's file. Default: 0o660. */
      readonly socketMode?: number
    }

export type ListenerProtocol =
  | { readonly protocol: 'mqtt' }
  | { readonly protocol: 'mqtts'; readonly tls: TlsOptions }
  | { readonly protocol: 'ws'; readonly websocket?: WebSocketOptions }
  | { readonly protocol: 'wss'; readonly tls: TlsOptions; readonly websocket?: WebSocketOptions }

export type ListenerOptions = ListenerProtocol &
  ListenerAddress &
  ListenerRules & {
    readonly name: string
    readonly proxyProtocol?: ProxyProtocolOptions
  }

export const protocols = ['mqtt', 'mqtts', 'ws', 'wss'] as const satisfies readonly ListenerOptions['protocol'][]
