/** PUBACK, PUBREC, PUBREL, PUBCOMP: sections 3.4 to 3.7. */
import { byteAt, uint16At, writeUint16 } from '../bytes.ts'
import { malformed, protocolError } from '../fault.ts'
import type { AcknowledgementPacket, ProtocolVersion } from '../packets.ts'
import { encodeProperties } from '../properties/encode.ts'
import { scanPropertiesBlock } from '../properties/scan.ts'
import { propertyPlace } from '../properties/table.ts'
import { reasonCode, reasonCodeName } from '../reason-codes.ts'
import type { DecodeFault, PacketSink } from '../sink.ts'
import { ByteWriter } from '../writer.ts'

export type AcknowledgementType = AcknowledgementPacket['type']

/** By the first byte's upper half, from 4 on. */
const types: readonly AcknowledgementType[] = ['puback', 'pubrec', 'pubrel', 'pubcomp']

// The same properties may stand in both directions.
const place = propertyPlace('acknowledgement', 'client')

/** Table 3-4, 3-5. */
const publishReasons: ReadonlySet<number> = new Set([
  reasonCode.success,
  reasonCode.noMatchingSubscribers,
  reasonCode.unspecifiedError,
  reasonCode.implementationSpecificError,
  reasonCode.notAuthorized,
  reasonCode.topicNameInvalid,
  reasonCode.packetIdentifierInUse,
  reasonCode.quotaExceeded,
  reasonCode.payloadFormatInvalid,
])
/** Table 3-6, 3-7. */
const releaseReasons: ReadonlySet<number> = new Set([reasonCode.success, reasonCode.packetIdentifierNotFound])

/** Decodes the acknowledgement whose body is given, and hands it over unless it is faulty. */
export function readAcknowledgement(
  buffer: Buffer,
  firstByte: number,
  bodyStart: number,
  end: number,
  version: ProtocolVersion,
  sink: PacketSink,
): DecodeFault | undefined {
  const type = types[(firstByte >> 4) - 4] as AcknowledgementType
  const bytes = end - bodyStart
  if (bytes < 2 || (bytes > 2 && version !== 5)) return malformed(`${type} with a body of ${bytes} bytes`)
  const packetId = uint16At(buffer, bodyStart)
  if (packetId === 0) return protocolError(`${type} with packet identifier 0 [MQTT-2.2.1-3]`)
  if (bytes === 2) {
    sink.acknowledgement(type, packetId, reasonCode.success)
    return undefined
  }
  const reason = byteAt(buffer, bodyStart + 2)
  // [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1]
  const reasons = type === 'puback' || type === 'pubrec' ? publishReasons : releaseReasons
  if (!reasons.has(reason)) return protocolError(`${type} with reason code ${reasonCodeName(reason)}`)
  // Section 3.4.2.2.1: without a fourth byte there is no Property Length.
  const fault = bytes === 3 ? undefined : scanPropertiesBlock(buffer, bodyStart + 3, end, place)
  if (fault === undefined) sink.acknowledgement(type, packetId, reason)
  return fault
}

function firstByteOf(type: AcknowledgementType): number {
  switch (type) {
    case 'puback':
      return 0x40
    case 'pubrec':
      return 0x50
    case 'pubrel':
      return 0x62
    case 'pubcomp':
      return 0x70
    default:
      throw type satisfies never
  }
}

/** The bytes that `writeAcknowledgement` writes. */
export const acknowledgementBytes = (reason: number, version: ProtocolVersion): number =>
  reason === reasonCode.success || version !== 5 ? 4 : 5

/** Writes an acknowledgement without properties at `at` and answers the index behind it. */
export function writeAcknowledgement(
  target: Buffer,
  at: number,
  type: AcknowledgementType,
  packetId: number,
  reason: number,
  version: ProtocolVersion,
): number {
  const hasReason = reason !== reasonCode.success && version === 5
  target[at] = firstByteOf(type)
  target[at + 1] = hasReason ? 3 : 2
  const next = writeUint16(target, at + 2, packetId)
  if (!hasReason) return next
  target[next] = reason
  return next + 1
}

export function encodeAcknowledgement(packet: AcknowledgementPacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter().uint16(packet.packetId)
  if (version === 5) writer.reasonAndProperties(packet.reasonCode, encodeProperties(packet.properties))
  return writer.packet(firstByteOf(packet.type))
}
