/** Holds packets against what is offered. Reaching for more is a protocol error of a 5.0 client, which was told. */
import { isUtf8 } from 'node:buffer'
import {
  type DecodeFault,
  isSharedFilter,
  type ProtocolVersion,
  type PublishFrame,
  reasonCode,
  type SubscribePacket,
  type Will,
} from '@hawser/codec'
import type { ProtocolOptions } from './options.ts'

const qosTooHigh: DecodeFault = {
  reasonCode: reasonCode.qosNotSupported,
  message: 'a QoS above the Maximum QoS [MQTT-3.2.2-11]',
}
const noRetain: DecodeFault = {
  reasonCode: reasonCode.retainNotSupported,
  message: 'RETAIN where it is not available [MQTT-3.2.2-14]',
}
const notUtf8: DecodeFault = {
  reasonCode: reasonCode.payloadFormatInvalid,
  message: 'the payload is not the UTF-8 that it says it is',
}
/** v3.1.1 [MQTT-3.8.3-2] */
const noWildcards: DecodeFault = {
  reasonCode: reasonCode.wildcardSubscriptionsNotSupported,
  message: 'wildcard subscriptions are not available',
}
const noShared: DecodeFault = {
  reasonCode: reasonCode.sharedSubscriptionsNotSupported,
  message: 'shared subscriptions are not available',
}
const noIdentifiers: DecodeFault = {
  reasonCode: reasonCode.subscriptionIdentifiersNotSupported,
  message: 'subscription identifiers are not available',
}

/**
 * Whether a publish has to be looked at here at all: known once a connection, so that the hot path asks for one flag.
 */
export const restrictsPublishes = (options: ProtocolOptions): boolean =>
  options.qosMax < 2 || !options.retainAvailable || options.checkPayloadFormat

/** What of a publish is not offered. Section 3.2.2.3.4: the connection ends. */
export function publishFault(options: ProtocolOptions, frame: PublishFrame): DecodeFault | undefined {
  if (frame.qos > options.qosMax) return qosTooHigh
  if (frame.retain && !options.retainAvailable) return noRetain
  return undefined
}

/** Section 3.3.2.3.2: it may be checked, and then the one packet is refused. */
export function payloadFault(options: ProtocolOptions, frame: PublishFrame): DecodeFault | undefined {
  if (!options.checkPayloadFormat || frame.propertiesStart === frame.propertiesEnd) return undefined
  if (frame.properties().payloadFormatIndicator !== 1) return undefined
  return isUtf8(frame.buffer.subarray(frame.payloadStart, frame.payloadEnd)) ? undefined : notUtf8
}

export function willFault(options: ProtocolOptions, will: Will): DecodeFault | undefined {
  // [MQTT-3.2.2-12]
  if (will.qos > options.qosMax) return { ...qosTooHigh, message: 'will QoS above the Maximum QoS [MQTT-3.2.2-12]' }
  // [MQTT-3.2.2-13]
  if (will.retain && !options.retainAvailable) return { ...noRetain, message: 'will with RETAIN [MQTT-3.2.2-13]' }
  const claimsText = options.checkPayloadFormat && will.properties.payloadFormatIndicator === 1
  return claimsText && !isUtf8(will.payload) ? notUtf8 : undefined
}

/** What a filter asks for that is not offered. */
export function filterFault(options: ProtocolOptions, filter: string): DecodeFault | undefined {
  if (!options.sharedSubscriptionAvailable && isSharedFilter(filter)) return noShared
  if (!options.wildcardSubscriptionAvailable && /[+#]/.test(filter)) return noWildcards
  return undefined
}

/** Sections 3.2.2.3.11 to 3.2.2.3.13: one such filter ends a 5.0 connection. Before 5.0 SUBACK refuses it alone. */
export function subscribeFault(
  options: ProtocolOptions,
  packet: SubscribePacket,
  version: ProtocolVersion,
): DecodeFault | undefined {
  if (version !== 5) return undefined
  if (!options.subscriptionIdentifiersAvailable && packet.properties.subscriptionIdentifiers !== undefined) {
    return noIdentifiers
  }
  for (const { filter } of packet.subscriptions) {
    const fault = filterFault(options, filter)
    if (fault !== undefined) return fault
  }
  return undefined
}
