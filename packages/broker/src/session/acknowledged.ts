/**
 * PUBACK, PUBREC, PUBREL and PUBCOMP from a client: sections 4.3.2 and 4.3.3 of both specifications. They are answered
 * whatever the send quota is. [MQTT-4.9.0-3] [MQTT-3.3.4-10]
 */
import { type AcknowledgementPacket, reasonCode } from '@hawser/codec'
import { afterCommit } from '../delivery/commit-queue.ts'
import type { Connection } from './connection.ts'
import { inflightState } from './inflight.ts'
import type { Session } from './session.ts'

const refusedFrom = 0x80

export function acknowledged(
  connection: Connection,
  type: AcknowledgementPacket['type'],
  packetId: number,
  code: number,
): void {
  const { session } = connection
  if (session === undefined) return
  switch (type) {
    case 'puback':
      if (stateOf(session, packetId) === inflightState.published) completed(connection, session, packetId)
      return
    case 'pubrec':
      return received(connection, session, packetId, code)
    case 'pubcomp':
      if (stateOf(session, packetId) !== inflightState.received) return
      if (session.durable) connection.services.journal.append(session, { kind: 'completed', packetId })
      return completed(connection, session, packetId)
    case 'pubrel':
      return released(connection, session, packetId)
    default:
      throw type satisfies never
  }
}

const stateOf = (session: Session, packetId: number): number =>
  session.inflight?.stateOf(packetId) ?? inflightState.free

/** PUBREL leaves once it is durable that the client has the message: it is not sent to it again. */
function received(connection: Connection, session: Session, packetId: number, code: number): void {
  const { journal, commits } = connection.services
  const state = stateOf(session, packetId)
  if (state !== inflightState.assigned && state !== inflightState.received) {
    // 5.0 is told that the packet id means nothing here.
    return connection.acknowledge(afterCommit.pubrel, packetId, reasonCode.packetIdentifierNotFound)
  }
  // Nobody else gets it either. [MQTT-4.4.0-2] [MQTT-4.8.2-6]
  if (code >= refusedFrom) {
    if (session.durable) journal.append(session, { kind: 'completed', packetId })
    return completed(connection, session, packetId)
  }
  // [MQTT-4.3.3-4] v3.1.1 [MQTT-4.3.3-1]
  session.inflight?.receive(packetId)
  const ticket = session.durable ? journal.append(session, { kind: 'received', packetId }) : undefined
  if (ticket === undefined && session.durable) return connection.end()
  if (ticket === undefined) connection.acknowledge(afterCommit.pubrel, packetId)
  else commits.acknowledge(ticket, afterCommit.pubrel, connection, packetId)
}

/**
 * PUBCOMP leaves once the release is durable: then the packet id is free for another message.
 * [MQTT-4.3.3-11] [MQTT-4.3.3-12] v3.1.1 [MQTT-4.3.3-2]
 * Whether the message expired meanwhile does not matter [MQTT-4.3.3-13].
 */
function released(connection: Connection, session: Session, packetId: number): void {
  const { journal, commits } = connection.services
  if (session.inbound?.delete(packetId) !== true) {
    return connection.acknowledge(afterCommit.pubcomp, packetId, reasonCode.packetIdentifierNotFound)
  }
  if (!session.durable) return connection.acknowledge(afterCommit.pubcomp, packetId)
  const ticket = journal.append(session, { kind: 'released', packetId })
  if (ticket !== undefined) return commits.acknowledge(ticket, afterCommit.pubcomp, connection, packetId)
  session.inbound.add(packetId)
  connection.end()
}

function completed(connection: Connection, session: Session, packetId: number): void {
  const { inflight } = session
  if (inflight === undefined) return
  const { counters, catchUp, journal, shared } = connection.services
  const account = counters.accounts.of(inflight.partitionOf(packetId))
  inflight.remove(packetId)
  counters.deliveriesAcknowledged++
  account.acknowledged++
  if (session.durable) journal.touch(session)
  // At once and for each: a client that waits for the next message may hold its acknowledgements back meanwhile.
  if (!session.live || session.retainedBacklog.size > 0) catchUp.start(session)
  if (session.groups !== undefined) shared.wake(session)
}
