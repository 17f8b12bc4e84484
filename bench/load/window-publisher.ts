/**
 * QoS 1 and 2 with a window: a ring of packets, encoded once, packet id `slot + 1`. Brokers acknowledge in the order
 * of the publishes [MQTT-4.6.0-2] [MQTT-4.6.0-3], so slots come free in the order of the ring; another order ends the run.
 */
import { Connection } from './connection.ts'
import type { Qos } from './job.ts'
import { acknowledgement, packetType, publishPacket } from './packets.ts'
import { createPayload, patchSentMs, patchSequence } from './payload.ts'
import type { Publisher } from './publisher.ts'
import type { PublisherOptions } from './stream-publisher.ts'

export interface WindowPublisherOptions extends PublisherOptions {
  readonly qos: Qos
  readonly window: number
}

export class WindowPublisher extends Connection implements Publisher {
  published = 0
  readonly #options: WindowPublisherOptions
  /** A slot belongs to the socket until its acknowledgement has come. */
  readonly #ring: Buffer
  readonly #releases: Buffer
  readonly #packetBytes: number
  readonly #payloadAt: number
  #received = 0
  #released = 0
  #completed = 0
  #completedBefore = 0

  constructor(options: WindowPublisherOptions) {
    super(options)
    const { qos, window, topic, index, payloadBytes } = options
    const payload = createPayload(payloadBytes, index)
    const slots = Array.from({ length: window }, (_, slot) => slot + 1)
    this.#options = options
    this.#ring = Buffer.concat(slots.map((packetId) => publishPacket(topic, qos, packetId, payload)))
    this.#releases = Buffer.concat(slots.map((packetId) => acknowledgement(packetType.pubrel, packetId)))
    this.#packetBytes = this.#ring.length / window
    this.#payloadAt = this.#packetBytes - payloadBytes
  }

  publish(count: number, sentMs: number): number {
    const room = Math.min(count, this.#options.window - (this.published - this.#completed))
    if (room <= 0 || this.socket.destroyed) return 0
    const first = this.published
    for (let left = room; left > 0; left--) {
      const payload = this.#slot(this.published) * this.#packetBytes + this.#payloadAt
      // One sample a write, as in `StreamPublisher`.
      patchSentMs(this.#ring, payload, this.published === first ? sentMs : 0)
      patchSequence(this.#ring, payload, this.published++)
    }
    this.#write(this.#ring, this.#packetBytes, first, this.published)
    return room
  }

  protected override onFrame(bytes: Buffer, first: number, body: number, end: number): void {
    const packetId = ((bytes[body] as number) << 8) | (bytes[body + 1] as number)
    switch (first & 0xf0) {
      case packetType.puback:
      case packetType.pubcomp:
        return this.#expect(packetId, this.#completed++)
      case packetType.pubrec:
        return this.#expect(packetId, this.#received++)
      default:
        super.onFrame(bytes, first, body, end)
    }
  }

  protected override onReadEnd(): void {
    if (this.#received > this.#released) this.#write(this.#releases, 4, this.#released, this.#received)
    this.#released = this.#received
    if (this.#completed > this.#completedBefore) this.#options.onReady()
    this.#completedBefore = this.#completed
  }

  #expect(packetId: number, message: number): void {
    if (packetId !== this.#slot(message) + 1) throw new Error(`packet id ${packetId} acknowledged out of order`)
  }

  #slot(message: number): number {
    return message % this.#options.window
  }

  /** Writes the ring's entries of messages [from, end): two ranges where they go around its end. */
  #write(ring: Buffer, entryBytes: number, from: number, end: number): void {
    const start = this.#slot(from) * entryBytes
    const bytes = (end - from) * entryBytes
    const untilEnd = Math.min(bytes, ring.length - start)
    if (untilEnd < bytes) this.socket.cork()
    this.socket.write(ring.subarray(start, start + untilEnd))
    if (untilEnd === bytes) return
    this.socket.write(ring.subarray(0, bytes - untilEnd))
    this.socket.uncork()
  }
}
