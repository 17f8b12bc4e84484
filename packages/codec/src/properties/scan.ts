/**
 * Checks properties where they lie, allocating nothing unless it finds a fault: identifiers, places, duplicates, values,
 * lengths, text. What passes here `decodeProperties` reads without looking back. Section 2.2.2 of MQTT 5.0.
 */
import { byteAt, uint16At, uint32At } from '../bytes.ts'
import { malformed, protocolError } from '../fault.ts'
import { reasonCode } from '../reason-codes.ts'
import type { DecodeFault } from '../sink.ts'
import { checkTopicName } from '../topic.ts'
import { isText } from '../utf8.ts'
import { readMinimalInteger, variableIntegerBytes } from '../variable-integer.ts'
import {
  belongsToPacket,
  isOnPublish,
  minimumById,
  type PropertyPlace,
  placesOf,
  propertyId,
  propertyIdMax,
  propertyName,
  wireKind,
  wireKindById,
} from './table.ts'

/** What the scan picks up on its way. */
export interface PropertyFindings {
  topicAlias: number
  messageExpirySeconds: number
}

const truncated = (id: number): DecodeFault => malformed(`${propertyName(id)} runs past the end of the properties`)

export function scanProperties(
  buffer: Uint8Array,
  start: number,
  end: number,
  place: PropertyPlace,
  found: PropertyFindings,
): DecodeFault | undefined {
  let at = start
  let seenLow = 0
  let seenHigh = 0
  while (at < end) {
    const id = byteAt(buffer, at++)
    if (id > propertyIdMax || ((placesOf[id] as number) & place) === 0) return misplaced(id, place)

    const bit = 1 << (id & 31)
    const seenBefore = id < 32 ? seenLow & bit : seenHigh & bit
    if (seenBefore !== 0 && !mayRepeat(id, place)) return protocolError(`${propertyName(id)} comes twice`)
    if (id < 32) seenLow |= bit
    else seenHigh |= bit

    const bytes = valueBytes(buffer, at, end, id)
    if (bytes === 0) return badValue(buffer, at, end, id)
    if (id === propertyId.topicAlias) found.topicAlias = uint16At(buffer, at)
    else if (id === propertyId.messageExpiryInterval) found.messageExpirySeconds = uint32At(buffer, at)
    at += bytes
  }
  return undefined
}

/** Scans properties with their length, which must fill the rest of the packet. */
export function scanPropertiesBlock(
  buffer: Uint8Array,
  at: number,
  end: number,
  place: PropertyPlace,
): DecodeFault | undefined {
  const bytes = readMinimalInteger(buffer, at, end)
  const start = at + variableIntegerBytes(bytes)
  if (bytes < 0 || start + bytes !== end) return malformed('the property length does not fit the packet')
  return scanProperties(buffer, start, end, place, { topicAlias: 0, messageExpirySeconds: -1 })
}

/** User properties anywhere; subscription identifiers where several subscriptions meet, section 3.3.2.3.8. */
const mayRepeat = (id: number, place: PropertyPlace): boolean =>
  id === propertyId.userProperty || (id === propertyId.subscriptionIdentifier && isOnPublish(place))

/** How many bytes the value takes; 0 where it is truncated or illegal. */
function valueBytes(buffer: Uint8Array, at: number, end: number, id: number): number {
  switch (wireKindById[id]) {
    case wireKind.byte:
      // Every byte of table 2-4 is 0 or 1.
      return at < end && byteAt(buffer, at) <= 1 ? 1 : 0
    case wireKind.uint16:
      return at + 2 <= end && uint16At(buffer, at) >= (minimumById[id] as number) ? 2 : 0
    case wireKind.uint32:
      return at + 4 <= end && uint32At(buffer, at) >= (minimumById[id] as number) ? 4 : 0
    case wireKind.integer:
      return integerBytes(buffer, at, end, minimumById[id] as number)
    // Response topic [MQTT-3.3.2-13], content type [MQTT-3.3.2-19], and all others.
    case wireKind.text: {
      const bytes = textBytes(buffer, at, end)
      const isIllegalTopic =
        bytes > 0 && id === propertyId.responseTopic && checkTopicName(buffer, at + 2, at + bytes) !== undefined
      return isIllegalTopic ? 0 : bytes
    }
    case wireKind.bytes:
      return lengthPrefixedBytes(buffer, at, end)
    default: {
      // [MQTT-1.5.7-1]
      const nameBytes = textBytes(buffer, at, end)
      if (nameBytes === 0) return 0
      const textValueBytes = textBytes(buffer, at + nameBytes, end)
      return textValueBytes === 0 ? 0 : nameBytes + textValueBytes
    }
  }
}

function integerBytes(buffer: Uint8Array, at: number, end: number, minimum: number): number {
  const value = readMinimalInteger(buffer, at, end)
  return value < minimum ? 0 : variableIntegerBytes(value)
}

function lengthPrefixedBytes(buffer: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return 0
  const bytes = 2 + uint16At(buffer, at)
  return at + bytes <= end ? bytes : 0
}

function textBytes(buffer: Uint8Array, at: number, end: number): number {
  const bytes = lengthPrefixedBytes(buffer, at, end)
  return bytes > 0 && isText(buffer, at + 2, at + bytes) ? bytes : 0
}

function misplaced(id: number, place: PropertyPlace): DecodeFault {
  // The other side alone may send it here: [MQTT-3.3.4-6], [MQTT-3.14.2-2].
  if (belongsToPacket(id, place)) return protocolError(`${propertyName(id)} may not be sent in this direction`)
  // Section 2.2.2.2.
  return malformed(`${propertyName(id)} does not belong on this packet`)
}

/** Says why `valueBytes` found a value unfit. */
function badValue(buffer: Uint8Array, at: number, end: number, id: number): DecodeFault {
  const name = propertyName(id)
  switch (wireKindById[id]) {
    case wireKind.byte:
      return at < end ? protocolError(`${name} is ${byteAt(buffer, at)}, not 0 or 1`) : truncated(id)
    case wireKind.uint16:
    case wireKind.uint32:
      if (at + (wireKindById[id] === wireKind.uint16 ? 2 : 4) > end) return truncated(id)
      if (id === propertyId.topicAlias)
        return { reasonCode: reasonCode.topicAliasInvalid, message: 'topic alias is 0 [MQTT-3.3.2-8]' }
      return protocolError(`${name} is 0`)
    case wireKind.integer:
      return readMinimalInteger(buffer, at, end) === 0
        ? protocolError(`${name} is 0`)
        : malformed(`${name} is no variable byte integer of minimal length [MQTT-1.5.5-1]`)
    case wireKind.bytes:
      return truncated(id)
    default:
      return badText(buffer, at, end, id)
  }
}

function badText(buffer: Uint8Array, at: number, end: number, id: number): DecodeFault {
  const bytes = lengthPrefixedBytes(buffer, at, end)
  if (bytes === 0) return truncated(id)
  if (!isText(buffer, at + 2, at + bytes)) return malformed(`${propertyName(id)} is no UTF-8 text [MQTT-1.5.4-1]`)
  if (id === propertyId.userProperty) return badText(buffer, at + bytes, end, id)
  return { reasonCode: reasonCode.topicNameInvalid, message: 'response topic is no topic name [MQTT-3.3.2-14]' }
}
