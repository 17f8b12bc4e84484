/** What carries bytes to and from one client: a TCP, TLS or Unix socket, or WebSocket frames on one of them. */
import type { ClientCertificate } from '../access.ts'
import type { ListenerOptions, ListenerRules } from './listener-options.ts'

export interface Transport {
  /** `address:port` of the peer, as the proxy tells it where there is one; `unix` for a Unix socket. */
  readonly remoteAddress: string
  readonly listener: string
  /** Those of the listener when the client came in. */
  readonly rules: ListenerRules
  readonly certificate: ClientCertificate | undefined
  /** Its listener was full already: CONNECT is refused. */
  readonly crowded: boolean
  /** On the monotonic clock. */
  readonly acceptedAtMs: number
  /**
   * Hands bytes over. True: they are out, and `writer` is not told. Else they must stay as they are until it is, which
   * happens once, also when the transport closes first.
   */
  write(bytes: Buffer, writer: Writer): boolean
  /** Stops reading, so that the peer's own sending stalls. */
  pause(): void
  resume(): void
  /** Closes once what was written is out. `peerIsDone`: the client has said that nothing more comes. */
  end(peerIsDone: boolean): void
  /** Closes now. */
  destroy(): void
}

/** Whose bytes a transport writes. */
export interface Writer {
  /** The oldest that were not out at once are out now. */
  written(): void
}

/** Who takes what a transport reads. */
export interface TransportHandler {
  /** Bytes from `start` to `end` are valid only during the call. */
  bytes(buffer: Buffer, start: number, end: number): void
  /** Nothing more comes and nothing goes out any more; maybe more than once. */
  closed(): void
  /** Its socket is closed, and nothing is left of it: last of all. */
  gone(): void
}

export type Accept = (transport: Transport) => TransportHandler

export interface Listener extends AsyncDisposable {
  readonly name: string
  readonly protocol: ListenerOptions['protocol']
  /** Empty for a Unix socket. */
  readonly host: string
  /** 0 for a Unix socket. */
  readonly port: number
  readonly socketPath: string | undefined
  /** Open now, those still on their way to CONNECT among them. */
  readonly connections: number
  /** When the first of its certificates ends, in milliseconds of the wall clock. */
  readonly certificateEndsAtMs: number | undefined
}
