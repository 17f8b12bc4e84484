/**
 * TLS on accepted connections. Node's server does the handshakes without listening itself. Loaded where a listener
 * speaks TLS: OpenSSL takes memory.
 *
 * A reload makes a new door. With it come new keys of session tickets, so that nobody who was revoked comes back by a
 * resumed session; connections that stand keep what they agreed on with the old one.
 */
import type { Socket } from 'node:net'
import tls, { type TLSSocket } from 'node:tls'
import type { ClientCertificate } from '../access.ts'
import { clientCertificate } from './client-certificate.ts'
import type { TlsOptions } from './listener-options.ts'
import { TlsContexts } from './tls-contexts.ts'

export type TlsOutcome =
  | { readonly kind: 'secured'; readonly socket: TLSSocket; readonly certificate: ClientCertificate | undefined }
  | { readonly kind: 'refused'; readonly why: 'tls-handshake' | 'client-certificate' }

export class TlsDoor {
  /** When the first of its certificates ends, in milliseconds of the wall clock. */
  readonly endsAtMs: number
  readonly #server: tls.Server
  readonly #waiting = new WeakMap<Socket, (outcome: TlsOutcome) => void>()

  constructor(listener: string, options: TlsOptions) {
    const contexts = new TlsContexts(listener, options)
    const { clientCertificate: mode = 'none' } = options
    this.endsAtMs = contexts.endsAtMs
    this.#server = tls.createServer({
      ...contexts.own,
      SNICallback: (name, done) => done(null, contexts.named(name)),
      requestCert: mode !== 'none',
      rejectUnauthorized: mode === 'require',
      pauseOnConnect: true,
    })
    this.#server.on('secureConnection', (socket) => this.#secured(socket, mode !== 'none'))
    this.#server.on('tlsClientError', (error, socket) => {
      this.#settle(socket, { kind: 'refused', why: whyRefused(error, socket) })
      socket.destroy()
    })
  }

  /** Speaks TLS on a connection; what was read of it already has been put back. */
  take(socket: Socket, done: (outcome: TlsOutcome) => void): void {
    this.#waiting.set(socket, done)
    this.#server.emit('connection', socket)
  }

  #secured(socket: TLSSocket, asked: boolean): void {
    const certificate = asked ? clientCertificate(socket) : undefined
    // Where a certificate is only asked for, OpenSSL lets a bad one pass and says so.
    if (certificate !== undefined && !socket.authorized) {
      this.#settle(socket, { kind: 'refused', why: 'client-certificate' })
      socket.destroy()
      return
    }
    this.#settle(socket, { kind: 'secured', socket, certificate })
  }

  #settle(socket: TLSSocket, outcome: TlsOutcome): void {
    const below = (socket as unknown as Wrapping)._parent
    const done = this.#waiting.get(below)
    this.#waiting.delete(below)
    done?.(outcome)
  }
}

/** The socket that TLS was put on: Node tells it nowhere else. */
interface Wrapping {
  readonly _parent: Socket
}

function whyRefused(
  error: NodeJS.ErrnoException,
  { authorizationError }: TLSSocket,
): 'tls-handshake' | 'client-certificate' {
  const none = error.code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'
  return none || (authorizationError !== undefined && authorizationError !== null)
    ? 'client-certificate'
    : 'tls-handshake'
}
