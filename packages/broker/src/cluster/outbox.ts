/**
 * What has to arrive: a message that a peer's full queue has no room for is tried again, in order, until the peer has
 * left. Bounded for each peer.
 */
import type { Bus, PeerId } from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'

/** What waits for one peer; past it a message is refused. */
const waitingBytesMaxByDefault = 16 * 1_048_576
const retryMs = milliseconds(5)

interface Waiting {
  readonly channel: string
  readonly bytes: Uint8Array
}

class Queue {
  readonly messages: Waiting[] = []
  bytes = 0
}

export class Outbox implements Disposable {
  readonly #bus: Bus
  readonly #clock: Clock
  readonly #waitingBytesMax: number
  readonly #queues = new Map<PeerId, Queue>()
  readonly #left: Disposable
  #timer: Disposable | undefined

  constructor(bus: Bus, clock: Clock, waitingBytesMax = waitingBytesMaxByDefault) {
    this.#bus = bus
    this.#clock = clock
    this.#waitingBytesMax = waitingBytesMax
    this.#left = bus.onPeers(({ kind, peer }) => {
      if (kind === 'left') this.#queues.delete(peer)
    })
  }

  /** False where so much waits for the peer that this is not taken. What is sent to one that has left is nobody's. */
  send(peer: PeerId, channel: string, bytes: Uint8Array): boolean {
    const queue = this.#queues.get(peer)
    if (queue === undefined && this.#bus.send(peer, channel, bytes)) return true
    if (!this.#bus.peers().includes(peer)) return true
    return this.#wait(peer, queue ?? new Queue(), { channel, bytes: Uint8Array.from(bytes) })
  }

  /** Whether something waits for the peer. */
  waits(peer: PeerId): boolean {
    return this.#queues.has(peer)
  }

  [Symbol.dispose](): void {
    this.#left[Symbol.dispose]()
    this.#timer?.[Symbol.dispose]()
    this.#queues.clear()
  }

  #wait(peer: PeerId, queue: Queue, message: Waiting): boolean {
    // One alone is taken however large it is.
    if (queue.bytes > 0 && queue.bytes + message.bytes.length > this.#waitingBytesMax) return false
    queue.messages.push(message)
    queue.bytes += message.bytes.length
    this.#queues.set(peer, queue)
    this.#timer ??= this.#clock.after(retryMs, () => this.#tryAgain())
    return true
  }

  #tryAgain(): void {
    this.#timer = undefined
    for (const [peer, queue] of this.#queues) {
      let sent = 0
      for (const { channel, bytes } of queue.messages) {
        if (!this.#bus.send(peer, channel, bytes)) break
        queue.bytes -= bytes.length
        sent++
      }
      queue.messages.splice(0, sent)
      if (queue.messages.length === 0) this.#queues.delete(peer)
    }
    if (this.#queues.size > 0) this.#timer = this.#clock.after(retryMs, () => this.#tryAgain())
  }
}
