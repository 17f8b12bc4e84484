/** Whom the load is for, and how its clients come in. Serialisable: it is handed to other processes. */
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type SecureVersion } from 'node:tls'

/** What the client checks, and shows, in the TLS handshake. */
export interface TargetTls {
  /** PEM. */
  readonly ca?: readonly Buffer[]
  readonly cert?: Buffer
  readonly key?: Buffer
  readonly ciphers?: string
  readonly minVersion?: SecureVersion
  readonly alpn?: string
  readonly servername: string
  /** The certificate may bear another name. */
  readonly isNameUnchecked: boolean
}

export interface Target {
  readonly host: string
  readonly port: number
  readonly tls?: TargetTls
  readonly username?: string
  readonly password?: string
  readonly version: 4 | 5
  /** One address has some 28,000 ports: many connections come from several, in turn. */
  readonly localAddresses?: readonly string[]
}

/** Of all sockets: valid during one read only. */
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024)

export type OnRead = (bytes: Buffer, count: number) => void

/** A socket that reads into the buffer of all; TLS cannot, and reads as streams do. */
export function openSocket(target: Target, index: number, onRead: OnRead): Socket {
  const { host, port, tls, localAddresses } = target
  const localAddress = localAddresses?.[index % localAddresses.length]
  const place = { host, port, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) }
  if (tls !== undefined) return openTlsSocket(place, tls, onRead)
  const callback = (count: number): boolean => {
    onRead(readBuffer, count)
    return true
  }
  return connect({ ...place, onread: { buffer: readBuffer, callback } })
}

function openTlsSocket(place: { host: string; port: number }, tls: TargetTls, onRead: OnRead): Socket {
  const { isNameUnchecked, alpn, ca, ...given } = tls
  const socket = connectTls({
    ...place,
    ...given,
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(alpn === undefined ? {} : { ALPNProtocols: [alpn] }),
    ...(isNameUnchecked ? { checkServerIdentity: () => undefined } : {}),
  })
  socket.on('data', (bytes: Buffer) => onRead(bytes, bytes.length))
  return socket
}
