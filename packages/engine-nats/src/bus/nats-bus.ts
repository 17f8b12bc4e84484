/** The bus between nodes, over core NATS: in order and without a loss between two that live. */
import type { Bus, PeerChange, PeerId } from '@hawser/engine'
import { type Clock, disposable, type Milliseconds, milliseconds, type Random } from '@hawser/std'
import type { NatsConnection } from '@nats-io/transport-node'
import { Links } from './links.ts'
import { isPeerName, nameOf, type PeerKey, peerKey } from './wire.ts'

export interface NatsBusOptions {
  readonly connection: NatsConnection
  /** Of the subjects of this Hawser. */
  readonly prefix: string
  /** A name that no other living node has: letters, digits, `_`, `-`, at most 64. */
  readonly self: PeerId
  readonly clock: Clock
  readonly random: Random
  /** Of what one peer has been sent and has not confirmed yet, and so of the largest message. */
  readonly queueBytesMax?: number
  /** So long the servers must say that a peer has no connection. */
  readonly goneMsMax?: Milliseconds
  /** As above, where a server has just come or gone: it may be on its way to another one. */
  readonly movingMsMax?: Milliseconds
  /** A peer with a connection that says nothing for so long is gone too. */
  readonly silentMsMax?: Milliseconds
}

const defaults = {
  queueBytesMax: 8 << 20,
  goneMsMax: milliseconds(150),
  movingMsMax: milliseconds(2000),
  silentMsMax: milliseconds(15_000),
} as const

const nonceBytes = 4

/** Resolves once every peer that answers is known; subscribe then before the turn ends, and nothing is missed. */
export async function openNatsBus(options: NatsBusOptions): Promise<Bus> {
  const { self, random } = options
  if (!isPeerName(self)) throw new RangeError(`'${self}' will not do as a peer's name`)
  const bus = new NatsBus({ ...defaults, ...options }, peerKey(self, random.bytes(nonceBytes)))
  await bus.join()
  // Whoever awaits the bus subscribes before its next turn: what peers send to the newcomer at once is kept till then.
  setImmediate(() => bus.hear())
  return bus
}

class NatsBus implements Bus {
  readonly self: PeerId
  readonly #links: Links
  readonly #listeners = new Map<string, Set<(from: PeerId, bytes: Buffer) => void>>()
  readonly #peerListeners = new Set<(change: PeerChange) => void>()
  /** What came before `hear`, of each peer no more than its queue holds. */
  #early: (() => void)[] | undefined = []
  #closing: Promise<void> | undefined

  constructor(options: Required<NatsBusOptions>, key: PeerKey) {
    this.self = options.self
    this.#links = new Links({
      ...options,
      self: key,
      onUp: (peer) => this.#tell({ kind: 'joined', peer: nameOf(peer) }),
      onDown: (peer) => this.#tell({ kind: 'left', peer: nameOf(peer) }),
      onFrame: (peer, channel, bytes) => this.#arrived(nameOf(peer), channel, bytes),
    })
  }

  join(): Promise<void> {
    return this.#links.join()
  }

  hear(): void {
    const early = this.#early ?? []
    this.#early = undefined
    for (const deliver of early) deliver()
  }

  peers(): readonly PeerId[] {
    return this.#closing === undefined ? Array.from(this.#links.all, ({ peer }) => nameOf(peer)) : []
  }

  onPeers(listener: (change: PeerChange) => void): Disposable {
    this.#peerListeners.add(listener)
    return disposable(() => this.#peerListeners.delete(listener))
  }

  send(peer: PeerId, channel: string, bytes: Uint8Array): boolean {
    if (this.#closing !== undefined) return false
    return this.#links.named(peer)?.send(channel, bytes) ?? false
  }

  broadcast(channel: string, bytes: Uint8Array): boolean {
    return this.peers().reduce((all, peer) => this.send(peer, channel, bytes) && all, true)
  }

  subscribe(channel: string, listener: (from: PeerId, bytes: Buffer) => void): Disposable {
    const listeners = this.#listeners.get(channel) ?? new Set()
    this.#listeners.set(channel, listeners.add(listener))
    return disposable(() => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(channel) === listeners) this.#listeners.delete(channel)
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#peerListeners.clear()
    this.#listeners.clear()
    await this.#links.close()
  }

  #arrived(from: PeerId, channel: string, bytes: Buffer): void {
    if (this.#early !== undefined) {
      const kept = Buffer.from(bytes)
      this.#early.push(() => this.#deliver(from, channel, kept))
    } else this.#deliver(from, channel, bytes)
  }

  #deliver(from: PeerId, channel: string, bytes: Buffer): void {
    for (const listener of [...(this.#listeners.get(channel) ?? [])]) listener(from, bytes)
  }

  #tell(change: PeerChange): void {
    for (const listener of [...this.#peerListeners]) listener(change)
  }
}
