/** UNSUBACK, section 3.11. */
import { protocolError } from '../fault.ts'
import type { ProtocolVersion, UnsubackPacket } from '../packets.ts'
import { encodeProperties } from '../properties/encode.ts'
import type { PacketReader } from '../reader.ts'
import { reasonCode } from '../reason-codes.ts'
import { ByteWriter } from '../writer.ts'

/** Table 3-9. [MQTT-3.11.3-2] */
const reasons: ReadonlySet<number> = new Set([
  reasonCode.success,
  reasonCode.noSubscriptionExisted,
  reasonCode.unspecifiedError,
  reasonCode.implementationSpecificError,
  reasonCode.notAuthorized,
  reasonCode.topicFilterInvalid,
  reasonCode.packetIdentifierInUse,
])

export function decodeUnsuback(reader: PacketReader): UnsubackPacket | undefined {
  const packetId = reader.packetId()
  const properties = reader.properties('acknowledgement')
  const reasonCodes: number[] = []
  if (reader.version === 5) {
    while (reader.bytesLeft > 0) reasonCodes.push(reader.reason(reasons))
    if (reasonCodes.length === 0) reader.fail(protocolError('unsuback without a reason code [MQTT-3.11.3-1]'))
  }
  return reader.finish({ type: 'unsuback', packetId, reasonCodes, properties })
}

export function encodeUnsuback(packet: UnsubackPacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter().uint16(packet.packetId)
  if (version === 5) {
    writer.lengthAndProperties(encodeProperties(packet.properties))
    for (const reason of packet.reasonCodes) writer.byte(reason)
  }
  return writer.packet(0xb0)
}
