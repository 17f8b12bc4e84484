/** QoS 0: a ring of packets, encoded once, patched and written again as soon as the socket has taken the last piece. */
import { Connection } from '../connection.ts'
import { publishPacket } from '../wire/packets.ts'
import { createPayload, patchSentMs, patchSequence } from '../wire/payload.ts'
import type { Publisher, PublisherOptions } from './publisher.ts'

/** Of one write. */
const pieceBytes = 16 * 1024

export class StreamPublisher extends Connection implements Publisher {
  published = 0
  readonly unacknowledged = 0
  /** What is being written is the socket's. */
  readonly #ring: Buffer
  readonly #ringPackets: number
  readonly #piecePackets: number
  readonly #packetBytes: number
  readonly #payloadAt: number
  readonly #onWritten: () => void
  #isWriting = false

  constructor(options: PublisherOptions) {
    super(options)
    const payload = createPayload(options.payloadBytes, options.publisher)
    const packets = options.topics.map((topic) =>
      publishPacket({ topic, qos: 0, packetId: 0, payload, version: this.version }),
    )
    this.#packetBytes = packets[0]?.length ?? 0
    this.#piecePackets = Math.max(1, Math.floor(pieceBytes / this.#packetBytes))
    this.#ringPackets = packets.length === 1 ? this.#piecePackets : packets.length
    this.#payloadAt = this.#packetBytes - options.payloadBytes
    this.#ring = Buffer.alloc(this.#ringPackets * this.#packetBytes, Buffer.concat(packets))
    this.#onWritten = () => {
      if (!this.#isWriting) return
      this.#isWriting = false
      options.onReady()
    }
  }

  publish(count: number, sentMs: number): number {
    if (this.#isWriting || this.socket.destroyed) return 0
    const first = this.published % this.#ringPackets
    const packets = Math.min(count, this.#piecePackets, this.#ringPackets - first)
    const [from, end] = [first * this.#packetBytes, (first + packets) * this.#packetBytes]
    for (let at = from + this.#payloadAt; at < end; at += this.#packetBytes) {
      // One sample a write: the others in it say the same.
      patchSentMs(this.#ring, at, at === from + this.#payloadAt ? sentMs : 0)
      patchSequence(this.#ring, at, this.published++)
    }
    this.socket.write(this.#ring.subarray(from, end), this.#onWritten)
    // What the kernel took at once is not waited for.
    this.#isWriting = this.socket.writableLength > 0
    return packets
  }
}
