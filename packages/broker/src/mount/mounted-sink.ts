/** Stands between decoder and connection where a listener has a mount point; elsewhere there is nothing between. */
import {
  type AcknowledgementPacket,
  type ControlPacket,
  type DecodeFault,
  type PacketSink,
  type PublishFrame,
  reasonCode,
  variableIntegerBytes,
  writeVariableInteger,
} from '@hawser/codec'
import type { Mount } from './mount.ts'

const topicBytesMax = 65_535
const topicLengthBytes = 2

export interface FaultySink extends PacketSink {
  fault(fault: DecodeFault): void
}

export class MountedSink implements PacketSink {
  readonly #mount: Mount
  readonly #sink: FaultySink

  constructor(mount: Mount, sink: FaultySink) {
    this.#mount = mount
    this.#sink = sink
  }

  publish(frame: PublishFrame): void {
    // A topic alias stands for a topic that was named in full before.
    if (frame.topicStart === frame.topicEnd) return this.#sink.publish(frame)
    const { prefix } = this.#mount
    if (frame.topicEnd - frame.topicStart + prefix.length > topicBytesMax) {
      return this.#sink.fault({ reasonCode: reasonCode.topicNameInvalid, message: 'topic too long at its mount point' })
    }
    this.#sink.publish(mounted(frame, prefix))
  }

  acknowledgement(type: AcknowledgementPacket['type'], packetId: number, code: number): void {
    this.#sink.acknowledgement(type, packetId, code)
  }

  control(packet: ControlPacket): void {
    this.#sink.control(this.#named(packet))
  }

  #named(packet: ControlPacket): ControlPacket {
    switch (packet.type) {
      case 'connect': {
        const { will } = packet
        return will === undefined ? packet : { ...packet, will: { ...will, topic: this.#mount.topic(will.topic) } }
      }
      case 'subscribe': {
        const wanted = packet.subscriptions.map((one) => ({ ...one, filter: this.#mount.filter(one.filter) }))
        return { ...packet, subscriptions: wanted }
      }
      case 'unsubscribe':
        return { ...packet, filters: packet.filters.map((filter) => this.#mount.filter(filter)) }
      default:
        return packet
    }
  }
}

/** The whole packet with its longer topic, in memory of its own: it can be sent on as it is. */
function mounted(frame: PublishFrame, prefix: Buffer): PublishFrame {
  const { buffer, topicStart, topicEnd, payloadEnd } = frame
  const topicBytes = prefix.length + topicEnd - topicStart
  const remaining = topicLengthBytes + topicBytes + payloadEnd - topicEnd
  const bodyStart = 1 + variableIntegerBytes(remaining)
  const packet = Buffer.allocUnsafe(bodyStart + remaining)
  packet[0] = buffer[frame.start] ?? 0
  writeVariableInteger(packet, 1, remaining)
  const start = packet.writeUInt16BE(topicBytes, bodyStart)
  prefix.copy(packet, start)
  buffer.copy(packet, start + prefix.length, topicStart, payloadEnd)
  const moved = start + topicBytes - topicEnd
  return {
    buffer: packet,
    start: 0,
    qos: frame.qos,
    retain: frame.retain,
    duplicate: frame.duplicate,
    packetId: frame.packetId,
    topicStart: start,
    topicEnd: start + topicBytes,
    propertiesStart: frame.propertiesStart + moved,
    propertiesEnd: frame.propertiesEnd + moved,
    payloadStart: frame.payloadStart + moved,
    payloadEnd: payloadEnd + moved,
    topicAlias: frame.topicAlias,
    messageExpirySeconds: frame.messageExpirySeconds,
    properties: () => frame.properties(),
  }
}
