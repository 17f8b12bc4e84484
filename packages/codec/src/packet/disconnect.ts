/** DISCONNECT, section 3.14. Before 5.0 only a client sends it, and it has no body. */
import type { DisconnectPacket, ProtocolVersion } from '../packets.ts'
import { encodeProperties } from '../properties/encode.ts'
import type { PacketReader } from '../reader.ts'
import { reasonCode } from '../reason-codes.ts'
import { ByteWriter } from '../writer.ts'

/** Table 3-10. [MQTT-3.14.2-1] */
const fromBoth = [
  // A client's in the table; a server's body may be empty all the same, which says 0x00 too.
  reasonCode.normalDisconnection,
  reasonCode.unspecifiedError,
  reasonCode.malformedPacket,
  reasonCode.protocolError,
  reasonCode.implementationSpecificError,
  reasonCode.topicNameInvalid,
  reasonCode.receiveMaximumExceeded,
  reasonCode.topicAliasInvalid,
  reasonCode.packetTooLarge,
  reasonCode.messageRateTooHigh,
  reasonCode.quotaExceeded,
  reasonCode.administrativeAction,
  reasonCode.payloadFormatInvalid,
]
const reasons: Record<PacketReader['sender'], ReadonlySet<number>> = {
  client: new Set([...fromBoth, reasonCode.disconnectWithWillMessage]),
  server: new Set([
    ...fromBoth,
    reasonCode.notAuthorized,
    reasonCode.serverBusy,
    reasonCode.serverShuttingDown,
    reasonCode.keepAliveTimeout,
    reasonCode.sessionTakenOver,
    reasonCode.topicFilterInvalid,
    reasonCode.retainNotSupported,
    reasonCode.qosNotSupported,
    reasonCode.useAnotherServer,
    reasonCode.serverMoved,
    reasonCode.sharedSubscriptionsNotSupported,
    reasonCode.connectionRateExceeded,
    reasonCode.maximumConnectTime,
    reasonCode.subscriptionIdentifiersNotSupported,
    reasonCode.wildcardSubscriptionsNotSupported,
  ]),
}

export function decodeDisconnect(reader: PacketReader): DisconnectPacket | undefined {
  // Section 3.14.2.1: an empty body says 0x00; section 3.14.2.2.1: a body of one byte has no properties.
  const hasReason = reader.version === 5 && reader.bytesLeft > 0
  const reason = hasReason ? reader.reason(reasons[reader.sender]) : reasonCode.normalDisconnection
  const properties = reader.version === 5 && reader.bytesLeft > 0 ? reader.properties('disconnect') : {}
  return reader.finish({ type: 'disconnect', reasonCode: reason, properties })
}

export function encodeDisconnect(packet: DisconnectPacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter()
  if (version === 5) writer.reasonAndProperties(packet.reasonCode, encodeProperties(packet.properties))
  return writer.packet(0xe0)
}
