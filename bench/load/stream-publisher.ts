/** QoS 0: one chunk of packets, encoded once, patched and written again as soon as the socket has taken it. */
import { Connection, type ConnectionOptions } from './connection.ts'
import { publishPacket } from './packets.ts'
import { createPayload, patchSentMs, patchSequence } from './payload.ts'
import type { Publisher } from './publisher.ts'

const chunkBytes = 16 * 1024

export interface PublisherOptions extends ConnectionOptions {
  readonly index: number
  readonly topic: string
  readonly payloadBytes: number
  /** The socket or the window has room again. */
  readonly onReady: () => void
}

export class StreamPublisher extends Connection implements Publisher {
  published = 0
  /** The socket's until it has been written. */
  readonly #chunk: Buffer
  readonly #packetBytes: number
  readonly #firstPayload: number
  readonly #onWritten: () => void
  #isWriting = false

  constructor(options: PublisherOptions) {
    super(options)
    const packet = publishPacket(options.topic, 0, 0, createPayload(options.payloadBytes, options.index))
    this.#packetBytes = packet.length
    this.#firstPayload = packet.length - options.payloadBytes
    const packets = Math.max(1, Math.floor(chunkBytes / packet.length))
    this.#chunk = Buffer.alloc(packets * packet.length, packet)
    this.#onWritten = () => {
      if (!this.#isWriting) return
      this.#isWriting = false
      options.onReady()
    }
  }

  publish(count: number, sentMs: number): number {
    if (this.#isWriting || this.socket.destroyed) return 0
    const bytes = Math.min(count * this.#packetBytes, this.#chunk.length)
    patchSentMs(this.#chunk, this.#firstPayload, sentMs)
    const before = this.published
    for (let at = this.#firstPayload; at < bytes; at += this.#packetBytes) {
      patchSequence(this.#chunk, at, this.published++)
    }
    this.socket.write(bytes === this.#chunk.length ? this.#chunk : this.#chunk.subarray(0, bytes), this.#onWritten)
    // What the kernel took at once is not waited for.
    this.#isWriting = this.socket.writableLength > 0
    return this.published - before
  }
}
