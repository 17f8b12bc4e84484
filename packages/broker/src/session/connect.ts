/** CONNECT: who it is, which session, and the CONNACK. Section 3.1 of both specifications. */
import { type ConnackPacket, type ConnectPacket, connectReturnCodeOf, type Properties, reasonCode } from '@hawser/codec'
import type { ClientId } from '@hawser/std'
import type { Candidate, Identity } from '../access.ts'
import { reauthorize } from '../rights/subscribe-rights.ts'
import { mayLeaveWill } from '../rights/will-rights.ts'
import type { Connection } from './connection.ts'
import { OutboundAliases } from './outbound-aliases.ts'
import type { Session } from './session.ts'
import { checkPublishTopic } from './topic-limits.ts'

export type ConnectOutcome =
  | { readonly kind: 'refused'; readonly reasonCode: number }
  | { readonly kind: 'opened'; readonly session: Session; readonly connack: ConnackPacket }

const assignedClientIdBytes = 12
const receiveMaximumDefault = 65_535

/** Resolves when the session is open and, where it outlives the process, durable. */
export async function openSession(connection: Connection, connect: ConnectPacket): Promise<ConnectOutcome> {
  const { access, sessions, commits, counters, log, random, limits } = connection.services
  if (connection.services.overfull || connection.transport.crowded) return refused(reasonCode.serverBusy)
  const assigned = connect.clientId === ''
  // v3.1.1 [MQTT-3.1.3-8]: without Clean Session there must be a name to find the session by.
  if (assigned && connect.version < 5 && !connect.cleanStart) return refused(reasonCode.clientIdentifierNotValid)
  const clientId = assigned
    ? `hawser-${Buffer.from(random.bytes(assignedClientIdBytes)).toString('hex')}`
    : connect.clientId
  if (Buffer.byteLength(clientId) > limits.clientIdBytesMax) return refused(reasonCode.clientIdentifierNotValid)
  if (connect.properties.authenticationMethod !== undefined) return refused(reasonCode.badAuthenticationMethod)
  const authentication = await access.authenticate(candidateOf(connection, connect, clientId, assigned))
  counters.authentications[authentication.kind === 'refused' ? authentication.result : 'accepted']++
  if (authentication.kind === 'refused') return refused(authentication.reasonCode)
  const { identity } = authentication
  if (connect.will !== undefined) {
    const { topic } = connect.will
    const bytes = Buffer.from(topic)
    const fault = checkPublishTopic(limits, bytes, 0, bytes.length)
    if (fault !== undefined) return refused(fault.reasonCode)
    if (!(await mayLeaveWill(connection.services, identity, topic))) return refused(reasonCode.notAuthorized)
  }
  takeParameters(connection, connect, identity)
  const opened = await sessions.open(connection, clientId as ClientId, connect, identity)
  if (opened.kind === 'refused') return refused(opened.reasonCode)
  const { session, present, ticket } = opened
  await reauthorize(connection.services, session, connection)
  if (ticket !== undefined) await new Promise<void>((resolve) => commits.run(log.lastTicket, resolve))
  return { kind: 'opened', session, connack: connackOf(connection, connect, session, present, assigned) }
}

const refused = (code: number): ConnectOutcome => ({ kind: 'refused', reasonCode: code })

const candidateOf = (
  { transport }: Connection,
  connect: ConnectPacket,
  clientId: string,
  clientIdAssigned: boolean,
): Candidate => ({
  clientId,
  clientIdAssigned,
  version: connect.version,
  username: connect.username,
  password: connect.password,
  certificate: transport.certificate,
  listener: transport.listener,
  remoteAddress: transport.remoteAddress,
})

function takeParameters(connection: Connection, connect: ConnectPacket, identity: Identity): void {
  const { limits } = connection.services
  const { receiveMaximum, maximumPacketSize, topicAliasMaximum } = connect.properties
  connection.identity = identity
  connection.username = connect.username
  connection.cleanStart = connect.cleanStart
  connection.sendWindow = Math.min(receiveMaximum ?? receiveMaximumDefault, limits.inflightMax)
  if (maximumPacketSize !== undefined) connection.maximumPacketBytes = maximumPacketSize
  const aliases = Math.min(topicAliasMaximum ?? 0, limits.topicAliasMaximum)
  if (aliases > 0) connection.outboundAliases = new OutboundAliases(aliases)
  const { keepAliveSecondsMax } = limits
  const asked = connect.keepAliveSeconds
  const tooLong = connect.version === 5 && keepAliveSecondsMax > 0 && (asked === 0 || asked > keepAliveSecondsMax)
  connection.keepAliveSeconds = tooLong ? keepAliveSecondsMax : asked
}

function connackOf(
  connection: Connection,
  connect: ConnectPacket,
  session: Session,
  present: boolean,
  assigned: boolean,
): ConnackPacket {
  const connack = { type: 'connack', sessionPresent: present, reasonCode: reasonCode.success } as const
  if (session.durable) {
    connection.sendWindow = Math.min(connection.sendWindow, connection.services.limits.durableInflightMax)
  }
  if (connect.version < 5) return { ...connack, properties: {} }
  const { limits } = connection.services
  const properties: Properties = {
    receiveMaximum: limits.receiveMaximum,
    maximumPacketSize: connection.packetBytesMax,
    topicAliasMaximum: limits.topicAliasMaximum,
    sharedSubscriptionAvailable: false,
  }
  if (assigned) properties.assignedClientIdentifier = session.clientId
  // [MQTT-3.2.2-21]
  if (connection.keepAliveSeconds !== connect.keepAliveSeconds) properties.serverKeepAlive = connection.keepAliveSeconds
  if (session.expirySeconds !== (connect.properties.sessionExpiryInterval ?? 0)) {
    properties.sessionExpiryInterval = session.expirySeconds
  }
  return { ...connack, properties }
}

/** Answers with the code where the version is known to have one for it, and closes. [MQTT-3.1.4-1] [MQTT-3.2.2-7] */
export function refuseConnect(connection: Connection, code: number): void {
  const { counters, events } = connection.services
  counters.connectionsRefused++
  counters.reasonsSent.add('connack', code)
  const { remoteAddress: address, listener } = connection.transport
  events.tell({ kind: 'refused', address, listener, reasonCode: code })
  const answerable =
    connection.stage === 'connecting' || (connection.stage === 'new' && code === reasonCode.unsupportedProtocolVersion)
  if (answerable) {
    connection.send({
      type: 'connack',
      sessionPresent: false,
      reasonCode: connection.version === 5 ? code : connectReturnCodeOf(code),
      properties: {},
    })
  }
  connection.end()
}
