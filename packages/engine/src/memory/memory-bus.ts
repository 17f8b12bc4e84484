/** Buses of one process, linked by a hub: for tests, and for a broker that is alone. */
import { disposable } from '@hawser/std'
import type { Bus, PeerChange, PeerId } from '../bus.ts'

export interface MemoryBusOptions {
  /** Of what one peer has been sent and has not received yet. */
  readonly queueBytesMax?: number
  /** When to deliver what was sent; by default once in each turn of the event loop. */
  readonly schedule?: (deliver: () => void) => void
}

const queueBytesMaxByDefault = 8 << 20

export class MemoryBusHub {
  readonly #members = new Map<PeerId, MemoryBus>()
  readonly #queueBytesMax: number
  readonly #schedule: (deliver: () => void) => void

  constructor(options: MemoryBusOptions = {}) {
    this.#queueBytesMax = options.queueBytesMax ?? queueBytesMaxByDefault
    this.#schedule = options.schedule ?? setImmediate
  }

  /** A bus that knows all who have joined before it and learns of those who come. */
  join(self: PeerId): Bus {
    if (this.#members.has(self)) throw new RangeError(`peer ${self} has joined already`)
    const bus = new MemoryBus(self, this.#members, this.#queueBytesMax, this.#schedule)
    this.#members.set(self, bus)
    this.#tellAll({ kind: 'joined', peer: self })
    bus.onLeave(() => {
      this.#members.delete(self)
      this.#tellAll({ kind: 'left', peer: self })
    })
    return bus
  }

  #tellAll(change: PeerChange): void {
    for (const member of [...this.#members.values()]) if (member.self !== change.peer) member.tell(change)
  }
}

export const createMemoryBusHub = (options?: MemoryBusOptions): MemoryBusHub => new MemoryBusHub(options)
/** The bus of a broker that has no peers. */
export const createMemoryBus = (self: PeerId): Bus => createMemoryBusHub().join(self)

interface Frame {
  readonly channel: string
  readonly bytes: Buffer
}

class MemoryBus implements Bus {
  readonly self: PeerId
  readonly #members: ReadonlyMap<PeerId, MemoryBus>
  readonly #queueBytesMax: number
  readonly #schedule: (deliver: () => void) => void
  readonly #queues = new Map<PeerId, { frames: Frame[]; bytes: number }>()
  readonly #listeners = new Map<string, Set<(from: PeerId, bytes: Buffer) => void>>()
  readonly #peerListeners = new Set<(change: PeerChange) => void>()
  #leave = (): void => {}
  #closed = false

  constructor(
    self: PeerId,
    members: ReadonlyMap<PeerId, MemoryBus>,
    queueBytesMax: number,
    schedule: (deliver: () => void) => void,
  ) {
    this.self = self
    this.#members = members
    this.#queueBytesMax = queueBytesMax
    this.#schedule = schedule
  }

  peers(): readonly PeerId[] {
    return this.#closed ? [] : [...this.#members.keys()].filter((peer) => peer !== this.self)
  }

  onPeers(listener: (change: PeerChange) => void): Disposable {
    this.#peerListeners.add(listener)
    return disposable(() => this.#peerListeners.delete(listener))
  }

  send(peer: PeerId, channel: string, bytes: Uint8Array): boolean {
    if (this.#closed || peer === this.self || !this.#members.has(peer)) return false
    const queue = this.#queueOf(peer)
    if (queue.bytes + bytes.length > this.#queueBytesMax) return false
    queue.bytes += bytes.length
    queue.frames.push({ channel, bytes: Buffer.from(bytes) })
    if (queue.frames.length === 1) this.#schedule(() => this.#deliver(peer))
    return true
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

  /** What was sent arrives before the peers learn that the sender has left. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    for (const peer of this.#queues.keys()) this.#deliver(peer)
    this.#closed = true
    this.#leave()
    this.#listeners.clear()
    this.#peerListeners.clear()
  }

  onLeave(leave: () => void): void {
    this.#leave = leave
  }

  tell(change: PeerChange): void {
    if (change.kind === 'left') this.#queues.delete(change.peer)
    for (const listener of [...this.#peerListeners]) listener(change)
  }

  #queueOf(peer: PeerId): { frames: Frame[]; bytes: number } {
    let queue = this.#queues.get(peer)
    if (queue === undefined) {
      queue = { frames: [], bytes: 0 }
      this.#queues.set(peer, queue)
    }
    return queue
  }

  #deliver(to: PeerId): void {
    const queue = this.#queues.get(to)
    const receiver = this.#members.get(to)
    if (queue === undefined || receiver === undefined) return
    const frames = queue.frames
    queue.frames = []
    queue.bytes = 0
    for (const { channel, bytes } of frames) receiver.#receive(this.self, channel, bytes)
  }

  #receive(from: PeerId, channel: string, bytes: Buffer): void {
    for (const listener of [...(this.#listeners.get(channel) ?? [])]) listener(from, bytes)
  }
}
