/** Counts what arrives and acknowledges it, a read's acknowledgements in one write. */
import { Connection, type ConnectionOptions } from './connection.ts'
import type { Histogram } from './count/histogram.ts'
import type { Ledger } from './count/ledger.ts'
import { nowMs } from './time.ts'
import { packetType } from './wire/packets.ts'
import { isMarked, isSample, publisherAt, sentMsAt, sequenceAt } from './wire/payload.ts'

/** Of the read that is being walked: no frame is shorter than the acknowledgement that it asks for. */
const acknowledgements = Buffer.allocUnsafeSlow(512 * 1024)

export interface SubscriberOptions extends ConnectionOptions {
  /** Among the subscribers. */
  readonly receiver: number
  readonly payloadBytes: number
  readonly ledger: Ledger
  readonly latencies: Histogram
  readonly onProgress: () => void
}

export class Subscriber extends Connection {
  readonly #options: SubscriberOptions
  readonly #ledger: Ledger
  readonly #payloadBytes: number
  readonly #receiver: number
  #acknowledgementBytes = 0

  constructor(options: SubscriberOptions) {
    super(options)
    this.#options = options
    this.#ledger = options.ledger
    this.#payloadBytes = options.payloadBytes
    this.#receiver = options.receiver
  }

  protected override onFrame(bytes: Buffer, first: number, body: number, end: number): void {
    const type = first & 0xf0
    if (type === packetType.publish) this.#onPublish(bytes, first, body, end)
    else if (type === packetType.pubrel) this.#acknowledge(packetType.pubcomp, bytes, body)
    else super.onFrame(bytes, first, body, end)
  }

  protected override onReadEnd(): void {
    if (this.#acknowledgementBytes > 0) {
      this.socket.write(Buffer.from(acknowledgements.subarray(0, this.#acknowledgementBytes)))
      this.#acknowledgementBytes = 0
    }
    this.#options.onProgress()
  }

  #onPublish(bytes: Buffer, first: number, body: number, end: number): void {
    const payload = end - this.#payloadBytes
    if (payload < body || !isMarked(bytes, payload)) throw new Error('a message that was never published')
    this.#ledger.count(this.#receiver, publisherAt(bytes, payload), sequenceAt(bytes, payload))
    if (isSample(bytes, payload)) this.#options.latencies.addMs(nowMs() - sentMsAt(bytes, payload))
    const qos = (first >> 1) & 3
    if (qos > 0) this.#acknowledge(qos === 1 ? packetType.puback : packetType.pubrec, bytes, topicEnd(bytes, body))
  }

  #acknowledge(type: number, bytes: Buffer, packetIdAt: number): void {
    const at = this.#acknowledgementBytes
    acknowledgements[at] = type
    acknowledgements[at + 1] = 2
    acknowledgements[at + 2] = bytes[packetIdAt] as number
    acknowledgements[at + 3] = bytes[packetIdAt + 1] as number
    this.#acknowledgementBytes = at + 4
  }
}

const topicEnd = (bytes: Buffer, body: number): number =>
  body + 2 + (((bytes[body] as number) << 8) | (bytes[body + 1] as number))
