/** Reason codes of MQTT 5.0 (section 2.4) and return codes of 3.1.1 (table 3.1). */
export const reasonCode = {
  success: 0x00,
  normalDisconnection: 0x00,
  grantedQoS0: 0x00,
  grantedQoS1: 0x01,
  grantedQoS2: 0x02,
  disconnectWithWillMessage: 0x04,
  noMatchingSubscribers: 0x10,
  noSubscriptionExisted: 0x11,
  continueAuthentication: 0x18,
  reAuthenticate: 0x19,
  unspecifiedError: 0x80,
  malformedPacket: 0x81,
  protocolError: 0x82,
  implementationSpecificError: 0x83,
  unsupportedProtocolVersion: 0x84,
  clientIdentifierNotValid: 0x85,
  badUserNameOrPassword: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  banned: 0x8a,
  serverShuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetIdentifierInUse: 0x91,
  packetIdentifierNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  messageRateTooHigh: 0x96,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  payloadFormatInvalid: 0x99,
  retainNotSupported: 0x9a,
  qosNotSupported: 0x9b,
  useAnotherServer: 0x9c,
  serverMoved: 0x9d,
  sharedSubscriptionsNotSupported: 0x9e,
  connectionRateExceeded: 0x9f,
  maximumConnectTime: 0xa0,
  subscriptionIdentifiersNotSupported: 0xa1,
  wildcardSubscriptionsNotSupported: 0xa2,
} as const
export type ReasonCodeName = keyof typeof reasonCode

export const connectReturnCode = {
  accepted: 0,
  unacceptableProtocolVersion: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const

/**
 * The return code of 3.1.1 that says what a reason code of 5.0 on CONNACK says; undefined where none applies, and the
 * connection is closed without an answer. v3.1.1 [MQTT-3.1.4-1]
 */
export function connectReturnCodeOf(code: number): number | undefined {
  switch (code) {
    case reasonCode.success:
      return connectReturnCode.accepted
    case reasonCode.unsupportedProtocolVersion:
      return connectReturnCode.unacceptableProtocolVersion
    case reasonCode.clientIdentifierNotValid:
      return connectReturnCode.identifierRejected
    case reasonCode.badUserNameOrPassword:
      return connectReturnCode.badUserNameOrPassword
    case reasonCode.notAuthorized:
    case reasonCode.banned:
    case reasonCode.badAuthenticationMethod:
      return connectReturnCode.notAuthorized
    case reasonCode.malformedPacket:
    case reasonCode.protocolError:
    case reasonCode.topicNameInvalid:
    case reasonCode.packetTooLarge:
    case reasonCode.payloadFormatInvalid:
    case reasonCode.retainNotSupported:
    case reasonCode.qosNotSupported:
      return undefined
    default:
      return connectReturnCode.serverUnavailable
  }
}

// Reversed, so that of several names of one code the first stands.
const nameOf = new Map<number, string>(
  Object.entries(reasonCode)
    .map(([name, code]) => [code, name] as const)
    .reverse(),
)

/** `topicAliasInvalid` for 0x94; the number in hex where the specification has no name. */
export const reasonCodeName = (code: number): string => nameOf.get(code) ?? `0x${code.toString(16).padStart(2, '0')}`
