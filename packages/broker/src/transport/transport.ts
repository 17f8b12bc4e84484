import type { ClientCertificate } from '../access.ts'

/** What carries bytes to and from one client: a TCP socket, a WebSocket, later a TLS or Unix socket. */
export interface Transport {
  /** `address:port` of the peer. */
  readonly remoteAddress: string
  readonly listener: string
  /** Of the peer, where the listener asks for one. */
  readonly certificate: ClientCertificate | undefined
  /**
   * Hands bytes over. They must stay as they are until `written` is called, which happens once, also when the
   * transport closes first.
   */
  write(bytes: Buffer, written: () => void): void
  /** Stops reading, so that the peer's own sending stalls. */
  pause(): void
  resume(): void
  /** Closes once what was written is out. */
  end(): void
  /** Closes now. */
  destroy(): void
}

/** Who takes what a transport reads. */
export interface TransportHandler {
  /** Bytes from `start` to `end` are valid only during the call. */
  bytes(buffer: Buffer, start: number, end: number): void
  closed(): void
}

export type Accept = (transport: Transport) => TransportHandler

export interface Listener extends AsyncDisposable {
  readonly name: string
  readonly protocol: 'mqtt' | 'ws'
  readonly host: string
  readonly port: number
}
