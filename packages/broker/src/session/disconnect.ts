/** DISCONNECT in both directions: sections 3.14 of both specifications. */
import { type ControlPacket, reasonCode } from '@hawser/codec'
import type { Connection } from './connection.ts'

/** The client takes its leave. */
export function disconnected(connection: Connection, packet: Extract<ControlPacket, { type: 'disconnect' }>): void {
  const { session } = connection
  const expirySeconds = packet.properties.sessionExpiryInterval
  if (session !== undefined && expirySeconds !== undefined) {
    // Section 3.14.2.2.2: a session that was to end with its connection cannot be kept after all.
    if (connection.askedExpirySeconds === 0 && expirySeconds > 0) {
      return connection.fault({
        reasonCode: reasonCode.protocolError,
        message: 'session expiry raised from 0 in DISCONNECT',
      })
    }
    session.expirySeconds = Math.min(expirySeconds, connection.limits.sessionExpirySecondsMax)
  }
  connection.leave(packet.reasonCode)
}

/** The broker shuts down. */
export function sayFarewell(connection: Connection): void {
  const elsewhere = connection.protocol.serverReference !== ''
  connection.disconnect(elsewhere ? reasonCode.useAnotherServer : reasonCode.serverShuttingDown)
}

/** What CONNACK can say of an end that comes before it. */
export function connackCodeOf(code: number): number {
  switch (code) {
    case reasonCode.serverShuttingDown:
    case reasonCode.sessionTakenOver:
    case reasonCode.administrativeAction:
      return reasonCode.serverUnavailable
    default:
      return code
  }
}
