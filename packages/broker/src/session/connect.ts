/** CONNECT: who it is, and which session. Section 3.1 of both specifications. */
import { type ConnackPacket, type ConnectPacket, reasonCode } from '@hawser/codec'
import type { ClientId } from '@hawser/std'
import type { Authentication, Candidate, Identity } from '../access.ts'
import { isBanned, watchFlapping } from '../bans/enforce.ts'
import { refuse } from '../limits/refusals.ts'
import { willFault } from '../protocol/offered.ts'
import { reauthorize } from '../rights/subscribe-rights.ts'
import { mayLeaveWill } from '../rights/will-rights.ts'
import { connackOf, expiresAtMs, type Refusal } from './connack.ts'
import type { Connection } from './connection.ts'
import { EnhancedAuthentication } from './enhanced-authentication.ts'
import { OutboundAliases } from './outbound-aliases.ts'
import type { Session } from './session.ts'
import { checkPublishTopic } from './topic-limits.ts'

export type ConnectOutcome =
  | ({ readonly kind: 'refused' } & Refusal)
  | {
      readonly kind: 'opened'
      readonly session: Session
      readonly connack: ConnackPacket
      /** Its subscriptions are announced to other processes, until they count by themselves. */
      readonly announced: Disposable | undefined
    }

const assignedClientIdBytes = 12
const receiveMaximumDefault = 65_535

/** What the client asks for, whoever it is: the answer itself keeps to it. */
export function takeRequests(connection: Connection, { properties }: ConnectPacket): void {
  const { maximumPacketSize, requestProblemInformation, sessionExpiryInterval } = properties
  connection.maximumPacketBytes = maximumPacketSize ?? connection.maximumPacketBytes
  connection.problemInformation = requestProblemInformation ?? true
  connection.askedExpirySeconds = sessionExpiryInterval ?? 0
}

/** Resolves when the session is open and, where it outlives the process, durable. */
export async function openSession(connection: Connection, connect: ConnectPacket): Promise<ConnectOutcome> {
  const { sessions, commits, counters, log, random } = connection.services
  const fault = connectFault(connection, connect)
  if (fault !== undefined) return { kind: 'refused', ...fault }
  // [MQTT-3.1.3-6]; v3.1.1 [MQTT-3.1.3-6]
  const clientIdAssigned = connect.clientId === ''
  const clientId = clientIdAssigned
    ? connection.protocol.assignedClientIdPrefix + Buffer.from(random.bytes(assignedClientIdBytes)).toString('hex')
    : connect.clientId
  const authentication = await authenticate(connection, connect, candidateOf(connection, connect, clientId))
  counters.authentications[authentication.kind === 'refused' ? authentication.result : 'accepted']++
  if (authentication.kind === 'refused') return refused(authentication.reasonCode)
  const { identity, data: authenticationData } = authentication
  // Now that it is known who it is: by a certificate, or by a name that a proof gave it.
  if (isBanned(connection, clientId, identity.username)) return refused(refuse(counters, 'banned'))
  const { will } = connect
  if (will !== undefined && !(await mayLeaveWill(connection.services, identity, will.topic))) {
    return refused(reasonCode.notAuthorized, 'the will may not be published')
  }
  takeParameters(connection, connect, identity)
  const opened = await sessions.open(connection, clientId as ClientId, connect, identity)
  if (opened.kind === 'refused') return refused(opened.reasonCode)
  const { session, present, ticket } = opened
  // Only now: who may not have the session bans nobody from it by trying.
  if (watchFlapping(connection, clientId)) {
    sessions.closed(session, true)
    return refused(refuse(counters, 'banned'))
  }
  const hasSubscriptions = session.subscriptions.size > 0
  if (hasSubscriptions) await reauthorize(connection.services, session, connection)
  const announced = hasSubscriptions ? await announce(connection, session) : undefined
  if (ticket !== undefined) await new Promise<void>((resolve) => commits.run(log.lastTicket, resolve))
  if (session.durable) {
    connection.sendWindow = Math.min(connection.sendWindow, connection.limits.durableInflightMax)
  }
  const connack = connackOf(connection, connect, { session, present, clientIdAssigned, authenticationData })
  return { kind: 'opened', session, connack, announced }
}

/** What is published elsewhere after CONNACK is not missed, at QoS 0 either. */
async function announce({ services }: Connection, session: Session): Promise<Disposable | undefined> {
  if (services.interest === undefined || session.subscriptions.size === 0) return undefined
  const held = services.interest.hold([...session.subscriptions.keys()])
  await held.confirmed
  return held
}

const refused = (code: number, message?: string): ConnectOutcome => ({
  kind: 'refused',
  reasonCode: code,
  ...(message !== undefined && { message }),
})

/** What can be said against a CONNECT before anybody is asked who it is. */
function connectFault(connection: Connection, connect: ConnectPacket): Refusal | undefined {
  const { services, protocol, limits } = connection
  const { counters } = services
  // [MQTT-3.1.2-2]
  if (!protocol.acceptVersions.includes(connect.version)) {
    return { reasonCode: reasonCode.unsupportedProtocolVersion, message: `protocol level ${connect.version} is off` }
  }
  // Section 4.11.
  if (protocol.serverMoved) return { reasonCode: reasonCode.serverMoved }
  if (isBanned(connection, connect.clientId, connect.username)) return { reasonCode: refuse(counters, 'banned') }
  const crowded = services.admission.judge(connection)
  if (crowded !== undefined) {
    const code = refuse(counters, crowded)
    const elsewhere = code === reasonCode.serverBusy && protocol.serverReference !== ''
    return { reasonCode: elsewhere ? reasonCode.useAnotherServer : code, message: `refused by ${crowded}` }
  }
  // Where there must be a name to find a session by, the decoder has seen to it. v3.1.1 [MQTT-3.1.3-8]
  if (connect.clientId === '' && !protocol.emptyClientIdAllowed) {
    return { reasonCode: reasonCode.clientIdentifierNotValid, message: 'client identifier is empty' }
  }
  // [MQTT-3.1.3-5] [MQTT-3.1.3-8]; v3.1.1 [MQTT-3.1.3-5] [MQTT-3.1.3-9]
  // The 23 characters of 3.1 are a server's to enforce or not: its clients have gone past them ever since.
  if (Buffer.byteLength(connect.clientId) > limits.clientIdBytesMax) {
    const message = `client identifier longer than ${limits.clientIdBytesMax} bytes`
    return { reasonCode: refuse(counters, 'client-id-bytes'), message }
  }
  if (connect.will === undefined) return undefined
  const topic = Buffer.from(connect.will.topic)
  const fault = checkPublishTopic(limits, topic, 0, topic.length)
  if (fault?.refusal !== undefined) counters.refused[fault.refusal]++
  return fault ?? willFault(protocol, connect.will)
}

function authenticate(connection: Connection, connect: ConnectPacket, candidate: Candidate): Promise<Authentication> {
  const { authenticationMethod, authenticationData } = connect.properties
  if (authenticationMethod === undefined) return connection.services.access.authenticate(candidate)
  connection.authentication = new EnhancedAuthentication(connection, authenticationMethod, candidate)
  return connection.authentication.run(authenticationData)
}

const candidateOf = ({ transport }: Connection, connect: ConnectPacket, clientId: string): Candidate => ({
  clientId,
  clientIdAssigned: connect.clientId === '',
  version: connect.version,
  username: connect.username,
  password: connect.password,
  certificate: transport.certificate,
  listener: transport.listener,
  remoteAddress: transport.remoteAddress,
})

function takeParameters(connection: Connection, connect: ConnectPacket, identity: Identity): void {
  const { limits } = connection
  const { receiveMaximum, topicAliasMaximum } = connect.properties
  connection.identity = identity
  connection.identityExpiresAtMs = expiresAtMs(connection, identity)
  // What was proved, for lists and logs: what CONNECT says may be a token.
  connection.username = identity.username ?? connect.username
  connection.cleanStart = connect.cleanStart
  // [MQTT-4.9.0-1]
  connection.sendWindow = Math.min(receiveMaximum ?? receiveMaximumDefault, limits.inflightMax)
  const aliases = Math.min(topicAliasMaximum ?? 0, connection.topicAliasMaximum)
  // [MQTT-3.1.2-27]
  if (aliases > 0) connection.outboundAliases = new OutboundAliases(aliases)
  const { keepAliveSecondsMax } = limits
  const asked = connect.keepAliveSeconds
  // Only 5.0 can be told of another one.
  const tooLong = connect.version === 5 && keepAliveSecondsMax > 0 && (asked === 0 || asked > keepAliveSecondsMax)
  connection.keepAliveSeconds = tooLong ? keepAliveSecondsMax : asked
}
