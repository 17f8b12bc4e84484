/** AUTH, section 3.15: 5.0 alone. */
import { protocolError } from '../fault.ts'
import type { AuthPacket } from '../packets.ts'
import { encodeProperties } from '../properties/encode.ts'
import type { PacketReader } from '../reader.ts'
import { reasonCode } from '../reason-codes.ts'
import { ByteWriter } from '../writer.ts'

/** Table 3-11. [MQTT-3.15.2-1] */
const reasons: Record<PacketReader['sender'], ReadonlySet<number>> = {
  client: new Set([reasonCode.continueAuthentication, reasonCode.reAuthenticate]),
  server: new Set([reasonCode.success, reasonCode.continueAuthentication]),
}

export function decodeAuth(reader: PacketReader): AuthPacket | undefined {
  const allowed = reasons[reader.sender]
  // Section 3.15.2.1: an empty body says 0x00 without properties.
  if (reader.bytesLeft === 0) {
    if (!allowed.has(reasonCode.success)) reader.fail(protocolError('auth with reason code success from a client'))
    return reader.finish({ type: 'auth', reasonCode: reasonCode.success, properties: {} })
  }
  const reason = reader.reason(allowed)
  const properties = reader.properties('auth')
  // Section 3.15.2.2.2.
  if (properties.authenticationMethod === undefined) reader.fail(protocolError('auth without authentication method'))
  return reader.finish({ type: 'auth', reasonCode: reason, properties })
}

export function encodeAuth(packet: AuthPacket): Buffer {
  const writer = new ByteWriter()
  writer.reasonAndProperties(packet.reasonCode, encodeProperties(packet.properties))
  return writer.packet(0xf0)
}
