/** CONNACK, section 3.2. */
import { malformed, protocolError } from '../fault.ts'
import type { ConnackPacket, ProtocolVersion } from '../packets.ts'
import { encodeProperties } from '../properties/encode.ts'
import type { PacketReader } from '../reader.ts'
import { connectReturnCode, reasonCode } from '../reason-codes.ts'
import { ByteWriter } from '../writer.ts'

/** Table 3-1. [MQTT-3.2.2-8] */
const reasons: ReadonlySet<number> = new Set([
  reasonCode.success,
  reasonCode.unspecifiedError,
  reasonCode.malformedPacket,
  reasonCode.protocolError,
  reasonCode.implementationSpecificError,
  reasonCode.unsupportedProtocolVersion,
  reasonCode.clientIdentifierNotValid,
  reasonCode.badUserNameOrPassword,
  reasonCode.notAuthorized,
  reasonCode.serverUnavailable,
  reasonCode.serverBusy,
  reasonCode.banned,
  reasonCode.badAuthenticationMethod,
  reasonCode.topicNameInvalid,
  reasonCode.packetTooLarge,
  reasonCode.quotaExceeded,
  reasonCode.payloadFormatInvalid,
  reasonCode.retainNotSupported,
  reasonCode.qosNotSupported,
  reasonCode.useAnotherServer,
  reasonCode.serverMoved,
  reasonCode.connectionRateExceeded,
])
const returnCodes: ReadonlySet<number> = new Set(Object.values(connectReturnCode))

export function decodeConnack(reader: PacketReader): ConnackPacket | undefined {
  const flags = reader.byte('acknowledge flags')
  // 3.1 leaves the byte unused.
  if (flags > 1 && reader.version !== 3) reader.fail(malformed('reserved acknowledge flags are set [MQTT-3.2.2-1]'))
  const sessionPresent = flags === 1
  const reason = reader.reason(reader.version === 5 ? reasons : returnCodes)
  // v3.1.1 [MQTT-3.2.2-4]
  if (sessionPresent && reason !== reasonCode.success && reader.version !== 3)
    reader.fail(protocolError('a refusal with a session present [MQTT-3.2.2-6]'))
  const properties = reader.properties('connack')
  // By analogy with CONNECT, section 3.1.2.11.10.
  if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined)
    reader.fail(protocolError('authentication data without a method'))
  return reader.finish({ type: 'connack', sessionPresent, reasonCode: reason, properties })
}

export function encodeConnack(packet: ConnackPacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter().byte(packet.sessionPresent && version !== 3 ? 1 : 0).byte(packet.reasonCode)
  if (version === 5) writer.lengthAndProperties(encodeProperties(packet.properties))
  return writer.packet(0x20)
}
