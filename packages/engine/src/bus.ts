/** The port between the live processes of one Hawser: nothing on it is durable, and nothing that must survive relies on it. */
import type { Branded } from '@hawser/std'

export type PeerId = Branded<string, 'PeerId'>

export type PeerChange = { readonly kind: 'joined' | 'left'; readonly peer: PeerId }

export interface Bus extends AsyncDisposable {
  readonly self: PeerId
  /** The others, without `self`. */
  peers(): readonly PeerId[]
  onPeers(listener: (change: PeerChange) => void): Disposable
  /**
   * In order to each peer, batched by event-loop turn. Answers false where a peer's bounded queue is full and its
   * copy was dropped, or where there is no such peer: the caller counts it. The bytes are copied before the call
   * returns.
   */
  send(peer: PeerId, channel: string, bytes: Uint8Array): boolean
  /** To all peers; false where one of them did not get its copy. */
  broadcast(channel: string, bytes: Uint8Array): boolean
  /** `bytes` are valid only during the call. */
  subscribe(channel: string, listener: (from: PeerId, bytes: Buffer) => void): Disposable
}
