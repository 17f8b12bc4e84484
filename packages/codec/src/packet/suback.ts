/** SUBACK, section 3.9. */
import { protocolError } from '../fault.ts'
import type { ProtocolVersion, SubackPacket } from '../packets.ts'
import { encodeProperties } from '../properties/encode.ts'
import type { PacketReader } from '../reader.ts'
import { reasonCode } from '../reason-codes.ts'
import { ByteWriter } from '../writer.ts'

/** Table 3-8. [MQTT-3.9.3-2] */
const reasons: ReadonlySet<number> = new Set([
  reasonCode.grantedQoS0,
  reasonCode.grantedQoS1,
  reasonCode.grantedQoS2,
  reasonCode.unspecifiedError,
  reasonCode.implementationSpecificError,
  reasonCode.notAuthorized,
  reasonCode.topicFilterInvalid,
  reasonCode.packetIdentifierInUse,
  reasonCode.quotaExceeded,
  reasonCode.sharedSubscriptionsNotSupported,
  reasonCode.subscriptionIdentifiersNotSupported,
  reasonCode.wildcardSubscriptionsNotSupported,
])
/** All others are reserved. v3.1.1 [MQTT-3.9.3-2] */
const failure = 0x80
const returnCodes: ReadonlySet<number> = new Set([0, 1, 2, failure])

export function decodeSuback(reader: PacketReader): SubackPacket | undefined {
  const packetId = reader.packetId()
  const properties = reader.properties('acknowledgement')
  const reasonCodes: number[] = []
  while (reader.bytesLeft > 0) reasonCodes.push(reader.reason(reader.version === 5 ? reasons : returnCodes))
  if (reasonCodes.length === 0) reader.fail(protocolError('suback without a reason code [MQTT-3.8.4-6]'))
  return reader.finish({ type: 'suback', packetId, reasonCodes, properties })
}

/** Before 5.0 every refusal is 0x80. */
export function encodeSuback(packet: SubackPacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter().uint16(packet.packetId)
  if (version === 5) writer.lengthAndProperties(encodeProperties(packet.properties))
  for (const reason of packet.reasonCodes) writer.byte(version === 5 ? reason : Math.min(reason, failure))
  return writer.packet(0x90)
}
