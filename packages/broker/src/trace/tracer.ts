/**
 * Reads along with one connection: stands in front of what takes its packets, and decodes anew what is written to it.
 * A connection that nobody traces has none of this.
 */
import { Decoder, type PacketSink, type ProtocolVersion, type PublishFrame } from '@hawser/codec'
import { type TracedPacket, tracedAcknowledgement, tracedControl, tracedPublish } from './trace-event.ts'

/** The longest packet that MQTT knows. */
const packetBytesMax = 268_435_460

export class Tracer {
  readonly #tell: (direction: 'in' | 'out', packet: TracedPacket) => void
  readonly #version: () => ProtocolVersion
  #written: Decoder | undefined
  readonly #outSink: PacketSink

  /** `version`: asked for with the first bytes that are written, when CONNECT is known. */
  constructor(version: () => ProtocolVersion, tell: (direction: 'in' | 'out', packet: TracedPacket) => void) {
    this.#version = version
    this.#tell = tell
    this.#outSink = this.#sink('out')
  }

  /** What takes the client's packets, read along. */
  before(sink: PacketSink): PacketSink {
    const own = this.#sink('in')
    return {
      publish(frame) {
        own.publish(frame)
        sink.publish(frame)
      },
      acknowledgement(type, packetId, code) {
        own.acknowledgement(type, packetId, code)
        sink.acknowledgement(type, packetId, code)
      },
      control(packet) {
        own.control(packet)
        sink.control(packet)
      },
    }
  }

  /** Whole packets that go out. */
  written(bytes: Buffer): void {
    this.#written ??= new Decoder({ packetBytesMax, receives: 'from-server', version: this.#version() })
    this.#written.feed(bytes, 0, bytes.length, this.#outSink)
  }

  #sink(direction: 'in' | 'out'): PacketSink {
    const aliases = new Map<number, string>()
    return {
      publish: (frame) => this.#tell(direction, tracedPublish(frame, topicOf(frame, aliases))),
      acknowledgement: (type, packetId, code) => this.#tell(direction, tracedAcknowledgement(type, packetId, code)),
      control: (packet) => this.#tell(direction, tracedControl(packet)),
    }
  }
}

/** An alias from before the trace began stands for a topic that nobody remembers. */
function topicOf({ buffer, topicStart, topicEnd, topicAlias }: PublishFrame, aliases: Map<number, string>): string {
  if (topicEnd === topicStart) return aliases.get(topicAlias) ?? `(alias ${topicAlias})`
  const topic = buffer.toString('utf8', topicStart, topicEnd)
  if (topicAlias > 0) aliases.set(topicAlias, topic)
  return topic
}
