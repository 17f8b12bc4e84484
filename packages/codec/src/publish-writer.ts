/**
 * Writes PUBLISH into a buffer that the caller has room in: one pass, no objects, bytes copied from where they lie.
 * `publishBytes` says how much room; both take the same arguments, so that they cannot disagree.
 */
import { copyBytes } from '@hawser/std'
import { writeUint16, writeUint32 } from './bytes.ts'
import type { ProtocolVersion, QoS } from './packets.ts'
import { propertyId } from './properties/table.ts'
import { variableIntegerBytes, writeVariableInteger } from './variable-integer.ts'

/** Where topic, raw properties and payload lie in one buffer: a `PublishFrame` or a record of a log. */
export interface PublishSource {
  readonly buffer: Buffer
  readonly topicStart: number
  readonly topicEnd: number
  /** Raw properties without their length, and without those that a `PublishDelivery` adds. */
  readonly propertiesStart: number
  readonly propertiesEnd: number
  readonly payloadStart: number
  readonly payloadEnd: number
}

/** What one receiver gets beside the message. The caller reuses one object. */
export interface PublishDelivery {
  readonly version: ProtocolVersion
  readonly qos: QoS
  readonly retain: boolean
  readonly duplicate: boolean
  /** Ignored where the QoS is 0. */
  readonly packetId: number
  /** -1: none. */
  readonly messageExpirySeconds: number
  readonly subscriptionIdentifiers: readonly number[]
  /** 0: none. */
  readonly topicAlias: number
  /** The receiver knows the alias already: the topic stays away. */
  readonly topicOmitted: boolean
}

const expiryBytes = 5
const aliasBytes = 3

function addedPropertiesBytes(delivery: PublishDelivery): number {
  let bytes = delivery.messageExpirySeconds < 0 ? 0 : expiryBytes
  if (delivery.topicAlias !== 0) bytes += aliasBytes
  const identifiers = delivery.subscriptionIdentifiers
  for (let index = 0; index < identifiers.length; index++)
    bytes += 1 + variableIntegerBytes(identifiers[index] as number)
  return bytes
}

function propertiesBytes(source: PublishSource, delivery: PublishDelivery): number {
  return source.propertiesEnd - source.propertiesStart + addedPropertiesBytes(delivery)
}

function remainingLength(source: PublishSource, delivery: PublishDelivery): number {
  const topicBytes = delivery.topicOmitted ? 0 : source.topicEnd - source.topicStart
  const bytes = 2 + topicBytes + (delivery.qos === 0 ? 0 : 2) + source.payloadEnd - source.payloadStart
  if (delivery.version !== 5) return bytes
  const properties = propertiesBytes(source, delivery)
  return bytes + variableIntegerBytes(properties) + properties
}

/** The bytes of the whole packet. */
export function publishBytes(source: PublishSource, delivery: PublishDelivery): number {
  const bytes = remainingLength(source, delivery)
  return 1 + variableIntegerBytes(bytes) + bytes
}

/** Writes the whole packet at `at` and answers the index behind it. */
export function writePublish(target: Buffer, at: number, source: PublishSource, delivery: PublishDelivery): number {
  const bytes = remainingLength(source, delivery)
  let next = writePublishHead(target, at, delivery.qos, delivery.retain, delivery.duplicate, bytes)
  const topicEnd = delivery.topicOmitted ? source.topicStart : source.topicEnd
  next = writeUint16(target, next, topicEnd - source.topicStart)
  next = copyBytes(source.buffer, source.topicStart, topicEnd, target, next)
  if (delivery.qos !== 0) next = writeUint16(target, next, delivery.packetId)
  if (delivery.version === 5) next = writePublishProperties(target, next, source, delivery)
  return copyBytes(source.buffer, source.payloadStart, source.payloadEnd, target, next)
}

/** Writes the fixed header. */
export function writePublishHead(
  target: Buffer,
  at: number,
  qos: QoS,
  retain: boolean,
  duplicate: boolean,
  remainingLength: number,
): number {
  target[at] = 0x30 | (duplicate ? 0x08 : 0) | (qos << 1) | (retain ? 0x01 : 0)
  return writeVariableInteger(target, at + 1, remainingLength)
}

/** Writes the properties with their length: the delivery's own in front of the raw ones. */
export function writePublishProperties(
  target: Buffer,
  at: number,
  source: PublishSource,
  delivery: PublishDelivery,
): number {
  let next = writeVariableInteger(target, at, propertiesBytes(source, delivery))
  if (delivery.messageExpirySeconds >= 0) next = writeMessageExpiry(target, next, delivery.messageExpirySeconds)
  if (delivery.topicAlias !== 0) {
    target[next] = propertyId.topicAlias
    next = writeUint16(target, next + 1, delivery.topicAlias)
  }
  const identifiers = delivery.subscriptionIdentifiers
  for (let index = 0; index < identifiers.length; index++)
    next = writeSubscriptionIdentifier(target, next, identifiers[index] as number)
  return copyBytes(source.buffer, source.propertiesStart, source.propertiesEnd, target, next)
}

export function writeMessageExpiry(target: Buffer, at: number, seconds: number): number {
  target[at] = propertyId.messageExpiryInterval
  return writeUint32(target, at + 1, seconds)
}

export function writeSubscriptionIdentifier(target: Buffer, at: number, identifier: number): number {
  target[at] = propertyId.subscriptionIdentifier
  return writeVariableInteger(target, at + 1, identifier)
}
