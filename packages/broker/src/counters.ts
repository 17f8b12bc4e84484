/** What happened, as numbers that only grow. Every drop has a reason and a counter of its own. */
import type { Durability } from '@hawser/engine'
import { authenticationResults } from './access.ts'
import { noRefusals, type RefusalReason } from './limits/refusals.ts'
import { Accounts } from './measure/accounts.ts'
import { dropReasons } from './measure/drop-reasons.ts'
import { noneYet } from './measure/none-yet.ts'
import { ReasonCounts } from './measure/reason-counts.ts'
import { type DoorRefusal, doorRefusals } from './transport/door-refusals.ts'

type PerQoS = [number, number, number]

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
  /** SUBSCRIBEs, and sessions that came back, that did not wait any longer for other processes. */
  subscribesUnconfirmed = 0
  unsubscribes = 0
  willsPublished = 0
  sessionsExpired = 0
  takeovers = 0
  readonly authentications = noneYet(authenticationResults)
  readonly dropped = noneYet(dropReasons)
  readonly reasonsSent = new ReasonCounts()
  readonly reasonsReceived = new ReasonCounts()
  readonly refused: Record<RefusalReason, number> = noRefusals()
  readonly accounts: Accounts

  /** `durability`: of the log, for what its publishes are counted as. */
  constructor(durability: Durability = 'disk') {
    this.accounts = new Accounts(durability)
  }
}
