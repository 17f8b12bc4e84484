/** What happened, as numbers that only grow. Every drop has a reason and a counter of its own. */
import { authenticationResults } from './access.ts'
import { noRefusals, type RefusalReason } from './limits/refusals.ts'
import { ReasonCounts } from './measure/reason-counts.ts'
import { type DoorRefusal, doorRefusals } from './transport/door-refusals.ts'

export const dropReasons = [
  /** QoS 0 to a receiver whose output is full. */
  'slow-receiver',
  /** QoS 0 to another process whose queue is full. */
  'slow-peer',
  /** Larger than the receiver's Maximum Packet Size. [MQTT-3.1.2-24] */
  'packet-too-large',
  /** Of a publisher, past `limits.payloadBytesMax`. */
  'payload-too-large',
  /** Its message expiry interval had passed. [MQTT-3.3.2-5] */
  'expired',
  /** The log takes nothing now (disk full or failed). */
  'log-refused',
  /** The retained view is full. */
  'retained-limit',
  /** The log no longer holds what a slow or long absent session had still to read. */
  'behind-log',
  /** Of a session that was away for long: past `limits.backlog_messages_max` or `_bytes_max`, the oldest. */
  'backlog-limit',
  /** A delivery's retained message was replaced before it could be sent again. */
  'retained-replaced',
  /** Its publisher may not write there, or its receiver may not read it (any more). */
  'not-authorized',
  /** Of a topic that a client behind a mount point has no name for. */
  'outside-mount-point',
  /** By the embedding program. */
  'hook',
] as const
export type DropReason = (typeof dropReasons)[number]

type PerQoS = [number, number, number]

const noneYet = <Name extends string>(names: readonly Name[]): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>

export class Counters {
  readonly publishesReceived: PerQoS = [0, 0, 0]
  readonly publishesSent: PerQoS = [0, 0, 0]
  /** Sent again after a reconnect, beside `publishesSent`. */
  publishesResent = 0
  /** QoS 0 messages to other processes, once for each that wants them. */
  publishesForwarded = 0
  /** QoS 0 messages that other processes had received. */
  publishesFromPeers = 0
  /** Of connections that have ended; a snapshot adds those that are open. Likewise `bytesSent`. */
  packetsReceived = 0
  packetsSent = 0
  bytesReceived = 0
  bytesSent = 0
  /** Payloads of PUBLISH packets alone. */
  publishBytesReceived = 0
  publishBytesSent = 0
  recordsAppended = 0
  recordsCommitted = 0
  /** QoS 1 and 2 publishes of clients that became durable. */
  publishesCommitted = 0
  /** QoS 1 and 2 publishes whose PUBACK or PUBREC went out, refusals not counted. */
  publishesAcknowledged = 0
  /** Those of them that were a resend, acknowledged again and not recorded again. */
  publishesReacknowledged = 0
  /** QoS 1 and 2 deliveries that the receiver acknowledged. */
  deliveriesAcknowledged = 0
  connectionsAccepted = 0
  connectionsRefused = 0
  connectionsMax = 0
  /** CONNECTs that were answered with success. */
  sessionsOpened = 0
  sessionsOnlineMax = 0
  /** Connections that ended before their client had said anything in MQTT. */
  readonly refusedAtDoor = Object.fromEntries(doorRefusals.map((why) => [why, 0])) as Record<DoorRefusal, number>
  protocolFaults = 0
  subscribes = 0
  unsubscribes = 0
  willsPublished = 0
  sessionsExpired = 0
  takeovers = 0
  readonly authentications = noneYet(authenticationResults)
  readonly dropped = noneYet(dropReasons)
  readonly reasonsSent = new ReasonCounts()
  readonly reasonsReceived = new ReasonCounts()
  readonly refused: Record<RefusalReason, number> = noRefusals()
}
