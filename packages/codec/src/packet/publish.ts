/**
 * PUBLISH, section 3.3. The decoder's hot path: one frame is moved from packet to packet. Lever: decoders lend it to each
 * other, so that of a thousand connections it is the same memory, and idle ones have none. `bench/codec-rate.ts` measures.
 */
import { uint16At } from '../bytes.ts'
import { malformed, protocolError } from '../fault.ts'
import type { Properties, ProtocolVersion, PublishPacket, QoS } from '../packets.ts'
import { decodeProperties } from '../properties/decode.ts'
import { encodeProperties } from '../properties/encode.ts'
import { type PropertyFindings, scanProperties } from '../properties/scan.ts'
import { propertyPlace } from '../properties/table.ts'
import type { DecodeFault, PublishFrame } from '../sink.ts'
import { checkTopicName } from '../topic.ts'
import { readMinimalInteger, variableIntegerBytes } from '../variable-integer.ts'
import { ByteWriter } from '../writer.ts'

const noBuffer = Buffer.alloc(0)

export class MovingPublishFrame implements PublishFrame, PropertyFindings {
  buffer: Buffer = noBuffer
  start = 0
  qos: QoS = 0
  retain = false
  duplicate = false
  packetId = 0
  topicStart = 0
  topicEnd = 0
  propertiesStart = 0
  propertiesEnd = 0
  payloadStart = 0
  payloadEnd = 0
  topicAlias = 0
  messageExpirySeconds = -1
  readonly #place: number
  readonly #checksTopic: boolean

  constructor(sender: 'client' | 'server', checksTopic: boolean) {
    this.#place = propertyPlace('publish', sender)
    this.#checksTopic = checksTopic
  }

  /** Moves the frame to a packet whose fixed header is known to be legal. After a fault its fields mean nothing. */
  moveTo(
    buffer: Buffer,
    start: number,
    firstByte: number,
    bodyStart: number,
    end: number,
    version: ProtocolVersion,
  ): DecodeFault | undefined {
    // [MQTT-3.3.2-1]; v3.1.1 [MQTT-3.3.2-1]
    const topicStart = bodyStart + 2
    if (topicStart > end) return malformed('publish ends within its topic')
    const topicEnd = topicStart + uint16At(buffer, bodyStart)
    const qos = (firstByte >> 1) & 0b11
    let at = qos === 0 ? topicEnd : topicEnd + 2
    if (at > end) return malformed('publish ends within its topic or packet identifier')
    // [MQTT-2.2.1-2]; v3.1.1 [MQTT-2.3.1-5]
    const packetId = qos === 0 ? 0 : uint16At(buffer, topicEnd)
    if (qos !== 0 && packetId === 0) return protocolError('publish with packet identifier 0 [MQTT-2.2.1-3]')

    this.topicAlias = 0
    this.messageExpirySeconds = -1
    this.propertiesStart = at
    if (version === 5) {
      const bytes = readMinimalInteger(buffer, at, end)
      this.propertiesStart = at + variableIntegerBytes(bytes)
      at = this.propertiesStart + bytes
      if (bytes < 0 || at > end) return malformed('publish with a bad property length')
      if (bytes > 0) {
        const fault = scanProperties(buffer, this.propertiesStart, at, this.#place, this)
        if (fault !== undefined) return fault
      }
    }
    if (topicStart === topicEnd) {
      // Section 3.3.2.1.
      if (this.topicAlias === 0) return protocolError('publish with neither topic nor topic alias [MQTT-4.7.3-1]')
    } else if (this.#checksTopic) {
      const fault = checkTopicName(buffer, topicStart, topicEnd)
      if (fault !== undefined) return fault
    }

    this.buffer = buffer
    this.start = start
    this.qos = qos as QoS
    this.retain = (firstByte & 0b0001) !== 0
    this.duplicate = (firstByte & 0b1000) !== 0
    this.packetId = packetId
    this.topicStart = topicStart
    this.topicEnd = topicEnd
    this.propertiesEnd = at
    this.payloadStart = at
    this.payloadEnd = end
    return undefined
  }

  properties(): Properties {
    return decodeProperties(this.buffer, this.propertiesStart, this.propertiesEnd)
  }

  /** Lets the read buffer go. */
  release(): void {
    this.buffer = noBuffer
  }
}

/** Frames that no decoder moves now. A decoder that is fed within another's call to its sink gets another one. */
export class PublishFrames {
  readonly #sender: 'client' | 'server'
  readonly #checksTopic: boolean
  readonly #idle: MovingPublishFrame[] = []

  constructor(sender: 'client' | 'server', checksTopic: boolean) {
    this.#sender = sender
    this.#checksTopic = checksTopic
  }

  take(): MovingPublishFrame {
    return this.#idle.pop() ?? new MovingPublishFrame(this.#sender, this.#checksTopic)
  }

  giveBack(frame: MovingPublishFrame): void {
    frame.release()
    this.#idle.push(frame)
  }
}

export function encodePublish(packet: PublishPacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter().text(packet.topic)
  if (packet.qos !== 0) writer.uint16(packet.packetId)
  if (version === 5) writer.lengthAndProperties(encodeProperties(packet.properties))
  writer.raw(packet.payload)
  return writer.packet(0x30 | (packet.duplicate ? 0x08 : 0) | (packet.qos << 1) | (packet.retain ? 0x01 : 0))
}
