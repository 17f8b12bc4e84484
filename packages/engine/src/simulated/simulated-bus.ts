/** Buses between the processes of a simulated host: what one has sent to another arrives in order, in a turn of it. */
import { disposable, type Random } from '@hawser/std'
import type { Bus, PeerChange, PeerId } from '../bus.ts'
import type { Turns } from './turns.ts'

const queueBytesMax = 8 << 20

type Frame =
  | { readonly kind: 'joined' | 'left' }
  | { readonly kind: 'message'; readonly channel: string; readonly bytes: Buffer }

export class SimulatedBuses {
  readonly #buses = new Map<PeerId, SimulatedBus>()

  join(self: PeerId, turns: Turns): SimulatedBus {
    if (this.#buses.has(self)) throw new RangeError(`peer ${self} has joined already`)
    const bus = new SimulatedBus(self, turns, this.#buses)
    for (const other of this.#buses.values()) {
      bus.known.add(other.self)
      other.receive(self, { kind: 'joined' })
    }
    this.#buses.set(self, bus)
    return bus
  }
}

/** What one peer has sent and the other has not received. */
interface Queue {
  frames: Frame[]
  bytes: number
}

export class SimulatedBus implements Bus {
  readonly self: PeerId
  /** The peers that it has heard of, and not yet that they left. */
  readonly known = new Set<PeerId>()
  readonly #turns: Turns
  readonly #buses: Map<PeerId, SimulatedBus>
  readonly #arriving = new Map<PeerId, Queue>()
  readonly #listeners = new Map<string, Set<(from: PeerId, bytes: Buffer) => void>>()
  readonly #peerListeners = new Set<(change: PeerChange) => void>()
  /** Called ahead of the listeners, and behind them. */
  onLeft: (peer: PeerId) => void = () => {}
  afterLeft: () => void = () => {}
  #closed = false
  #isForgotten = false

  constructor(self: PeerId, turns: Turns, buses: Map<PeerId, SimulatedBus>) {
    this.self = self
    this.#turns = turns
    this.#buses = buses
  }

  peers(): readonly PeerId[] {
    return this.#closed ? [] : [...this.known]
  }

  onPeers(listener: (change: PeerChange) => void): Disposable {
    this.#peerListeners.add(listener)
    return disposable(() => this.#peerListeners.delete(listener))
  }

  send(peer: PeerId, channel: string, bytes: Uint8Array): boolean {
    if (this.#closed || this.#turns.status !== 'running' || !this.known.has(peer)) return false
    const frame = { kind: 'message', channel, bytes: Buffer.from(bytes) } as const
    let isTaken = true
    this.#turns.atOnce(() => {
      // Nobody learns at once that a peer has died: what is sent to it goes nowhere. So does what a fenced one sends.
      if (!this.#isForgotten) isTaken = this.#buses.get(peer)?.receive(this.self, frame) ?? true
    })
    return isTaken
  }

  broadcast(channel: string, bytes: Uint8Array): boolean {
    return this.peers().reduce((all, peer) => this.send(peer, channel, bytes) && all, true)
  }

  subscribe(channel: string, listener: (from: PeerId, bytes: Buffer) => void): Disposable {
    const listeners = this.#listeners.get(channel) ?? new Set()
    this.#listeners.set(channel, listeners.add(listener))
    return disposable(() => listeners.delete(listener))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave()
  }

  /** `losing`: of what is on its way to each peer a part is lost, from some message on. */
  leave(losing?: Random): void {
    if (this.#closed) return
    this.#closed = true
    this.#beForgotten(losing)
    this.#arriving.clear()
    this.#listeners.clear()
    this.#peerListeners.clear()
  }

  /** For the others it has left; it has heard nothing of that itself. */
  fence(losing: Random): void {
    this.#beForgotten(losing)
  }

  receive(from: PeerId, frame: Frame): boolean {
    const queue = this.#arriving.get(from) ?? { frames: [], bytes: 0 }
    this.#arriving.set(from, queue)
    if (frame.kind === 'message') {
      if (queue.bytes + frame.bytes.length > queueBytesMax) return false
      queue.bytes += frame.bytes.length
    }
    queue.frames.push(frame)
    if (queue.frames.length === 1) this.#turns.take('message', () => this.#arrive(from, queue))
    return true
  }

  #beForgotten(losing?: Random): void {
    if (this.#isForgotten) return
    this.#isForgotten = true
    this.#buses.delete(this.self)
    for (const other of this.#buses.values()) {
      if (losing !== undefined) other.#lose(this.self, losing)
      other.receive(this.self, { kind: 'left' })
    }
  }

  #arrive(from: PeerId, queue: Queue): void {
    const { frames } = queue
    queue.frames = []
    queue.bytes = 0
    for (const frame of frames) {
      if (frame.kind === 'message') {
        for (const listener of [...(this.#listeners.get(frame.channel) ?? [])]) listener(from, frame.bytes)
      } else this.#change({ kind: frame.kind, peer: from })
    }
  }

  #change(change: PeerChange): void {
    if (change.kind === 'joined') this.known.add(change.peer)
    else this.known.delete(change.peer)
    if (change.kind === 'left') this.onLeft(change.peer)
    for (const listener of [...this.#peerListeners]) listener(change)
    if (change.kind === 'left') this.afterLeft()
  }

  #lose(from: PeerId, random: Random): void {
    const queue = this.#arriving.get(from)
    if (queue === undefined) return
    const first = queue.frames.findIndex(({ kind }) => kind === 'message')
    if (first < 0) return
    queue.frames.splice(first + random.integer(queue.frames.length - first + 1))
  }
}
