/**
 * How often each reason code went out and came in, by packet. One cell per packet type and code, so that an
 * acknowledgement costs an addition.
 */
import { type Packet, type PacketType, type ReasonCodeName, reasonCode } from '@hawser/codec'

/** Packets that bear a reason code, by the packet type of their fixed header (table 2-1). */
const packetTypes = {
  connack: 2,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  suback: 9,
  unsuback: 11,
  disconnect: 14,
  auth: 15,
} as const satisfies Partial<Record<PacketType, number>>
export type ReasonedPacket = keyof typeof packetTypes

/** The codes that each may bear: table 2-6 of MQTT 5.0. */
const codesOf: Readonly<Record<ReasonedPacket, readonly ReasonCodeName[]>> = {
  connack: [
    'success',
    'unspecifiedError',
    'malformedPacket',
    'protocolError',
    'implementationSpecificError',
    'unsupportedProtocolVersion',
    'clientIdentifierNotValid',
    'badUserNameOrPassword',
    'notAuthorized',
    'serverUnavailable',
    'serverBusy',
    'banned',
    'badAuthenticationMethod',
    'topicNameInvalid',
    'packetTooLarge',
    'quotaExceeded',
    'payloadFormatInvalid',
    'retainNotSupported',
    'qosNotSupported',
    'useAnotherServer',
    'serverMoved',
    'connectionRateExceeded',
  ],
  puback: publishReceipts(),
  pubrec: publishReceipts(),
  pubrel: ['success', 'packetIdentifierNotFound'],
  pubcomp: ['success', 'packetIdentifierNotFound'],
  suback: [
    'grantedQoS0',
    'grantedQoS1',
    'grantedQoS2',
    'unspecifiedError',
    'implementationSpecificError',
    'notAuthorized',
    'topicFilterInvalid',
    'packetIdentifierInUse',
    'quotaExceeded',
    'sharedSubscriptionsNotSupported',
    'subscriptionIdentifiersNotSupported',
    'wildcardSubscriptionsNotSupported',
  ],
  unsuback: [
    'success',
    'noSubscriptionExisted',
    'unspecifiedError',
    'implementationSpecificError',
    'notAuthorized',
    'topicFilterInvalid',
    'packetIdentifierInUse',
  ],
  disconnect: [
    'normalDisconnection',
    'disconnectWithWillMessage',
    'unspecifiedError',
    'malformedPacket',
    'protocolError',
    'implementationSpecificError',
    'notAuthorized',
    'serverBusy',
    'serverShuttingDown',
    'keepAliveTimeout',
    'sessionTakenOver',
    'topicFilterInvalid',
    'topicNameInvalid',
    'receiveMaximumExceeded',
    'topicAliasInvalid',
    'packetTooLarge',
    'messageRateTooHigh',
    'quotaExceeded',
    'administrativeAction',
    'payloadFormatInvalid',
    'retainNotSupported',
    'qosNotSupported',
    'useAnotherServer',
    'serverMoved',
    'sharedSubscriptionsNotSupported',
    'connectionRateExceeded',
    'maximumConnectTime',
    'subscriptionIdentifiersNotSupported',
    'wildcardSubscriptionsNotSupported',
  ],
  auth: ['success', 'continueAuthentication', 'reAuthenticate'],
}

function publishReceipts(): readonly ReasonCodeName[] {
  return [
    'success',
    'noMatchingSubscribers',
    'unspecifiedError',
    'implementationSpecificError',
    'notAuthorized',
    'topicNameInvalid',
    'packetIdentifierInUse',
    'quotaExceeded',
    'payloadFormatInvalid',
  ]
}

const codes = 256

export interface ReasonCount {
  readonly packet: ReasonedPacket
  /** `notAuthorized` for 0x87. */
  readonly reason: ReasonCodeName
  readonly count: number
}

export class ReasonCounts {
  readonly #counts = new Float64Array(16 * codes)

  /** `packetType` as in the fixed header: what the hot path has at hand. */
  addType(packetType: number, code: number): void {
    const cell = (packetType << 8) | code
    this.#counts[cell] = (this.#counts[cell] ?? 0) + 1
  }

  add(packet: ReasonedPacket, code: number): void {
    this.addType(packetTypes[packet], code)
  }

  /** Every code that a packet may bear, those never seen too. */
  *[Symbol.iterator](): Generator<ReasonCount> {
    for (const [packet, type] of Object.entries(packetTypes) as [ReasonedPacket, number][]) {
      for (const reason of codesOf[packet]) {
        yield { packet, reason, count: this.#counts[(type << 8) | reasonCode[reason]] ?? 0 }
      }
    }
  }
}

/**
 * Counts what a packet bears: SUBACK and UNSUBACK one for each filter. CONNACK is counted where its reason is known,
 * because that of 3.1.1 bears a return code.
 */
export function countReasons(counts: ReasonCounts, packet: Packet): void {
  switch (packet.type) {
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
    case 'disconnect':
    case 'auth':
      return counts.add(packet.type, packet.reasonCode)
    case 'suback':
    case 'unsuback':
      for (const code of packet.reasonCodes) counts.add(packet.type, code)
  }
}
