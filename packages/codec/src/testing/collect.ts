/** What a decoder says, as plain values that outlive the call. */
import { Decoder, type DecoderOptions, type Packet, type PacketSink, type PublishFrame } from '../mod.ts'
import type { DecodeFault } from '../sink.ts'

export class Collector implements PacketSink {
  readonly packets: Packet[] = []
  onPacket: (() => void) | undefined

  publish(frame: PublishFrame): void {
    this.#take({
      type: 'publish',
      topic: frame.buffer.toString('utf8', frame.topicStart, frame.topicEnd),
      payload: Buffer.from(frame.buffer.subarray(frame.payloadStart, frame.payloadEnd)),
      qos: frame.qos,
      retain: frame.retain,
      duplicate: frame.duplicate,
      packetId: frame.packetId,
      properties: frame.properties(),
    })
  }

  /** Without properties, which the decoder passes over. */
  acknowledgement(...[type, packetId, reasonCode]: Parameters<PacketSink['acknowledgement']>): void {
    this.#take({ type, packetId, reasonCode, properties: {} })
  }

  control(packet: Packet): void {
    this.#take(packet)
  }

  #take(packet: Packet): void {
    this.packets.push(packet)
    this.onPacket?.()
  }
}

export interface Collected {
  readonly packets: readonly Packet[]
  readonly fault: DecodeFault | undefined
}

/**
 * Feeds the chunks one after the other from one read buffer that is overwritten each time, as a broker's is, at an
 * offset and followed by bytes that are none of the decoder's business.
 */
export function decodeChunks(options: DecoderOptions, chunks: readonly Buffer[]): Collected {
  const decoder = new Decoder(options)
  const sink = new Collector()
  const offset = 3
  const shared = Buffer.alloc(offset + 2 + Math.max(0, ...chunks.map((chunk) => chunk.length)))
  let fault: DecodeFault | undefined
  for (const chunk of chunks) {
    shared.fill(0xee)
    chunk.copy(shared, offset)
    fault ??= decoder.feed(shared, offset, offset + chunk.length, sink)
  }
  return { packets: sink.packets, fault }
}

export const decodeWhole = (options: DecoderOptions, bytes: Buffer): Collected => decodeChunks(options, [bytes])

/** The bytes one at a time, and cut in two at every index. */
export function everySplit(bytes: Buffer): readonly (readonly Buffer[])[] {
  const single = Array.from(bytes, (byte) => Buffer.of(byte))
  const inTwo = single.map((_, at) => [bytes.subarray(0, at), bytes.subarray(at)])
  return [single, ...inTwo]
}
