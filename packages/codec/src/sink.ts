import type { AcknowledgementPacket, ControlPacket, Properties, QoS } from './packets.ts'

/** A PUBLISH where it lies in the read buffer. One object serves all packets: valid only during the call. */
export interface PublishFrame {
  readonly buffer: Buffer
  /** First byte of the fixed header. */
  readonly start: number
  readonly qos: QoS
  readonly retain: boolean
  readonly duplicate: boolean
  /** 0 where the QoS is 0. */
  readonly packetId: number
  /** An empty topic is possible with an alias only. */
  readonly topicStart: number
  readonly topicEnd: number
  /** The properties without their length; an empty range in 3.1.1. */
  readonly propertiesStart: number
  readonly propertiesEnd: number
  /** One past the payload is one past the packet. */
  readonly payloadStart: number
  readonly payloadEnd: number
  /** 0: none. */
  readonly topicAlias: number
  /** -1: none. */
  readonly messageExpirySeconds: number
  /** Decodes the properties into a value: off the hot path only. */
  properties(): Properties
}

/** Who takes what a decoder finds. The calls come in the order of the wire. */
export interface PacketSink {
  publish(frame: PublishFrame): void
  /** Acknowledgements need no object: their reason strings and user properties are checked and passed over. */
  acknowledgement(type: AcknowledgementPacket['type'], packetId: number, reasonCode: number): void
  control(packet: ControlPacket): void
}

/** Why the bytes are refused. `reasonCode` is one of MQTT 5.0 and goes to the wire as it is. */
export interface DecodeFault {
  readonly reasonCode: number
  /** The clause that was broken where there is one, and what was seen; for logs and reason strings. */
  readonly message: string
}
