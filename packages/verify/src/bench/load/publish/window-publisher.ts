/**
 * QoS 1 and 2 with a window: a ring of packets, encoded once, packet id `slot + 1`. Brokers acknowledge in the order
 * of the publishes [MQTT-4.6.0-2] [MQTT-4.6.0-3], so slots come free in the order of the ring; another order ends the run.
 */
import { Connection } from '../connection.ts'
import type { Qos } from '../job.ts'
import { nowMs } from '../time.ts'
import { acknowledgement, packetType, publishPacket } from '../wire/packets.ts'
import { createPayload, patchSentMs, patchSequence } from '../wire/payload.ts'
import type { Publisher, PublisherOptions } from './publisher.ts'

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
  /** When the message of a slot was sent; 0: it is no sample. */
  readonly #sentMs: Float64Array
  readonly #packetBytes: number
  readonly #payloadAt: number
  #received = 0
  #released = 0
  #completed = 0
  #completedBefore = 0

  constructor(options: WindowPublisherOptions) {
    super(options)
    const { qos, window, topics, publisher, payloadBytes } = options
    const [topic, ...others] = topics
    if (topic === undefined || others.length > 0) throw new Error('a window is of one topic')
    const payload = createPayload(payloadBytes, publisher)
    const { version } = this
    const slots = Array.from({ length: window }, (_, slot) => slot + 1)
    this.#options = options
    this.#ring = Buffer.concat(slots.map((packetId) => publishPacket({ topic, qos, packetId, payload, version })))
    this.#releases = Buffer.concat(slots.map((packetId) => acknowledgement(packetType.pubrel, packetId)))
    this.#packetBytes = this.#ring.length / window
    this.#payloadAt = this.#packetBytes - payloadBytes
    this.#sentMs = new Float64Array(window)
  }

  get unacknowledged(): number {
    return this.published - this.#completed
  }

  publish(count: number, sentMs: number): number {
    const window = Math.min(this.#options.window, this.receiveMaximum)
    const room = Math.min(count, window - this.unacknowledged)
    if (room <= 0 || this.socket.destroyed) return 0
    const first = this.published
    for (let left = room; left > 0; left--) {
      const slot = this.#slot(this.published)
      const payload = slot * this.#packetBytes + this.#payloadAt
      // One sample a write, as in `StreamPublisher`.
      this.#sentMs[slot] = this.published === first ? sentMs : 0
      patchSentMs(this.#ring, payload, this.#sentMs[slot])
      patchSequence(this.#ring, payload, this.published++)
    }
    this.#write(this.#ring, this.#packetBytes, first, this.published)
    return room
  }

  protected override onFrame(bytes: Buffer, first: number, body: number, end: number): void {
    const packetId = ((bytes[body] as number) << 8) | (bytes[body + 1] as number)
    const type = first & 0xf0
    if (end - body > 2 && type !== packetType.publish) this.#refuseFailure(type, bytes[body + 2] as number)
    switch (type) {
      case packetType.puback:
      case packetType.pubcomp:
        return this.#complete(packetId)
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

  #complete(packetId: number): void {
    const sentMs = this.#sentMs[packetId - 1] as number
    if (sentMs > 0) this.#options.acknowledgements.addMs(nowMs() - sentMs)
    this.#expect(packetId, this.#completed++)
  }

  /** Reason codes of MQTT 5. */
  #refuseFailure(type: number, reason: number): void {
    const isAnswer = type >= packetType.puback && type <= packetType.pubcomp
    if (isAnswer && reason >= 0x80) throw new Error(`the broker refuses a message: 0x${reason.toString(16)}`)
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
