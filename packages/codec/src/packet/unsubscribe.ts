/** UNSUBSCRIBE, section 3.10. */
import { protocolError } from '../fault.ts'
import type { ProtocolVersion, UnsubscribePacket } from '../packets.ts'
import { encodeProperties } from '../properties/encode.ts'
import type { PacketReader } from '../reader.ts'
import { checkTopicFilter } from '../topic.ts'
import { ByteWriter } from '../writer.ts'

export function decodeUnsubscribe(reader: PacketReader): UnsubscribePacket | undefined {
  const packetId = reader.packetId()
  const properties = reader.properties('unsubscribe')
  const filters: string[] = []
  while (reader.bytesLeft > 0) {
    // [MQTT-3.10.3-1] v3.1.1 [MQTT-3.10.3-1]
    const filter = reader.text('topic filter')
    const fault = checkTopicFilter(filter)
    if (fault !== undefined) reader.fail(fault)
    filters.push(filter)
  }
  // v3.1.1 [MQTT-3.10.3-2]
  if (filters.length === 0) reader.fail(protocolError('unsubscribe without a topic filter [MQTT-3.10.3-2]'))
  return reader.finish({ type: 'unsubscribe', packetId, filters, properties })
}

export function encodeUnsubscribe(packet: UnsubscribePacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter().uint16(packet.packetId)
  if (version === 5) writer.lengthAndProperties(encodeProperties(packet.properties))
  for (const filter of packet.filters) writer.text(filter)
  return writer.packet(0xa2)
}
