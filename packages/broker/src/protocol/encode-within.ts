/** What a server says beside the point is left out where the client did not ask for it, or has no room for it. */
import { encode, type Packet, type ProtocolVersion } from '@hawser/codec'

export interface ClientWishes {
  readonly version: ProtocolVersion
  readonly maximumPacketBytes: number
  /** Reason strings and user properties may stand on any packet. */
  readonly problemInformation: boolean
}

/** The packet's bytes; undefined where it is larger than the client takes whatever is left out. [MQTT-3.1.2-24] */
export function encodeWithin(packet: Packet, wishes: ClientWishes): Buffer | undefined {
  const { version, maximumPacketBytes } = wishes
  // [MQTT-3.1.2-29]
  const explains = wishes.problemInformation || packet.type === 'connack' || packet.type === 'disconnect'
  const bytes = encode(explains ? packet : withoutExplanation(packet), version)
  if (bytes.length <= maximumPacketBytes) return bytes
  // Reason strings: [MQTT-3.2.2-19] [MQTT-3.4.2-2] [MQTT-3.5.2-2] [MQTT-3.6.2-2] [MQTT-3.7.2-2] [MQTT-3.9.2-1]
  // [MQTT-3.11.2-1] [MQTT-3.14.2-3] [MQTT-3.15.2-2]. User properties: [MQTT-3.2.2-20] [MQTT-3.4.2-3] [MQTT-3.5.2-3]
  // [MQTT-3.6.2-3] [MQTT-3.7.2-3] [MQTT-3.9.2-2] [MQTT-3.11.2-2] [MQTT-3.14.2-4] [MQTT-3.15.2-3].
  const bare = encode(withoutExplanation(packet), version)
  return bare.length <= maximumPacketBytes ? bare : undefined
}

function withoutExplanation(packet: Packet): Packet {
  if (!('properties' in packet)) return packet
  const { reasonString: _, userProperties: __, ...properties } = packet.properties
  return { ...packet, properties }
}
