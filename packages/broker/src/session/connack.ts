/** The answer to CONNECT: section 3.2 of both specifications. */
import { type ConnackPacket, type ConnectPacket, connectReturnCodeOf, type Properties, reasonCode } from '@hawser/codec'
import type { Identity } from '../access.ts'
import type { ProtocolOptions } from '../protocol/options.ts'
import type { Connection } from './connection.ts'
import type { Session } from './session.ts'

/** Why a CONNECT is refused, in the words of 5.0. */
export interface Refusal {
  readonly reasonCode: number
  readonly message?: string
}

export interface Opened {
  readonly session: Session
  readonly present: boolean
  readonly clientIdAssigned: boolean
  /** Authentication Data of the last step of an enhanced authentication. */
  readonly authenticationData: Uint8Array | undefined
}

export function connackOf(connection: Connection, connect: ConnectPacket, opened: Opened): ConnackPacket {
  // [MQTT-3.1.4-5] [MQTT-3.2.2-2] [MQTT-3.2.2-3]; v3.1.1 [MQTT-3.1.4-4] [MQTT-3.2.2-1] [MQTT-3.2.2-2] [MQTT-3.2.2-3]
  const { session, present } = opened
  const connack = { type: 'connack', sessionPresent: present, reasonCode: reasonCode.success } as const
  if (connect.version < 5) return { ...connack, properties: {} }
  const { limits } = connection
  const properties: Properties = {
    receiveMaximum: limits.receiveMaximum,
    maximumPacketSize: connection.packetBytesMax,
    topicAliasMaximum: connection.topicAliasMaximum,
    ...withheld(connection.protocol),
    ...responseInformation(connection, connect, session.clientId),
    ...ownLog(connection, connect),
  }
  // [MQTT-3.1.3-7] [MQTT-3.2.2-16]
  if (opened.clientIdAssigned) properties.assignedClientIdentifier = session.clientId
  // Section 3.2.2.3.14; where it is not told, that of CONNECT holds [MQTT-3.2.2-22].
  if (connection.keepAliveSeconds !== connect.keepAliveSeconds) properties.serverKeepAlive = connection.keepAliveSeconds
  // Section 3.2.2.3.2: where it is not what the client asked for.
  if (session.expirySeconds !== (connect.properties.sessionExpiryInterval ?? 0)) {
    properties.sessionExpiryInterval = session.expirySeconds
  }
  const { authenticationMethod } = connect.properties
  // [MQTT-4.12.0-5]; without one there is none of either [MQTT-4.12.0-6].
  if (authenticationMethod !== undefined) {
    properties.authenticationMethod = authenticationMethod
    if (opened.authenticationData !== undefined) properties.authenticationData = opened.authenticationData
  }
  return { ...connack, properties }
}

/** What is not offered; what is not said is. [MQTT-3.2.2-9] */
function withheld(options: ProtocolOptions): Properties {
  return {
    ...(options.qosMax < 2 && { maximumQoS: options.qosMax === 0 ? 0 : 1 }),
    ...(!options.retainAvailable && { retainAvailable: false }),
    ...(!options.wildcardSubscriptionAvailable && { wildcardSubscriptionAvailable: false }),
    ...(!options.subscriptionIdentifiersAvailable && { subscriptionIdentifiersAvailable: false }),
    ...(!options.sharedSubscriptionAvailable && { sharedSubscriptionAvailable: false }),
  }
}

/** Only for who asks [MQTT-3.1.2-28], and where the client's own name makes one topic and no filter of it. */
function responseInformation({ protocol }: Connection, connect: ConnectPacket, clientId: string): Properties {
  const { responseTopicPrefix } = protocol
  const asked = connect.properties.requestResponseInformation === true && responseTopicPrefix !== ''
  return asked && !/[+#/]/.test(clientId) ? { responseInformation: responseTopicPrefix + clientId } : {}
}

/** By which name the bridges of two logs know each other, so that a message does not go back to where it has been. */
const logProperty = 'hawser-origin'

function ownLog({ services }: Connection, { properties }: ConnectPacket): Properties {
  const asked = properties.userProperties?.some(([name]) => name === logProperty) === true
  return asked ? { userProperties: [[logProperty, services.log.id]] } : {}
}

/** Who cannot be served here is told where else. Sections 4.11 and 4.13. */
export function serverReferenceOf(options: ProtocolOptions, code: number): Properties {
  const elsewhere = code === reasonCode.useAnotherServer || code === reasonCode.serverMoved
  return elsewhere && options.serverReference !== '' ? { serverReference: options.serverReference } : {}
}

/**
 * Answers with the code where the version has one for it, and closes. [MQTT-3.1.4-1] [MQTT-3.1.4-2] [MQTT-3.2.2-7]
 * [MQTT-4.12.0-4]; v3.1.1 [MQTT-3.2.2-5]
 * Who has not said CONNECT is taken for a client of 3.1.1, which has no code for that.
 */
export function refuseConnect(connection: Connection, { reasonCode: code, message }: Refusal): void {
  const { counters, events } = connection.services
  counters.connectionsRefused++
  counters.reasonsSent.add('connack', code)
  const { remoteAddress: address, listener } = connection.transport
  events.tell({ kind: 'refused', address, listener, reasonCode: code })
  const answer = connection.version === 5 ? code : connectReturnCodeOf(code)
  // v3.1.1 [MQTT-3.2.2-6]: where no return code applies, the connection is closed without an answer.
  if (answer !== undefined) {
    const properties: Properties = {
      ...(message !== undefined && { reasonString: message }),
      ...serverReferenceOf(connection.protocol, code),
    }
    // [MQTT-3.2.2-6]; v3.1.1 [MQTT-3.2.2-4]
    connection.send({ type: 'connack', sessionPresent: false, reasonCode: answer, properties })
  }
  connection.end()
}

/** When an identity's credential ends, on the monotonic clock; never where it does not. */
export function expiresAtMs({ services }: Connection, identity: Identity): number {
  if (identity.expiresAt === undefined) return Number.POSITIVE_INFINITY
  const { clock } = services
  return clock.monotonicMs() + (identity.expiresAt - clock.wallMicros()) / 1_000
}
