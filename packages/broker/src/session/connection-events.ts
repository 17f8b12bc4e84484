/** What events and counters hear of one connection, and how it says goodbye. */
import type { ConnackPacket, Packet } from '@hawser/codec'
import type { ClientReference } from '../events.ts'
import type { ProtocolOptions } from '../protocol/options.ts'
import { serverReferenceOf } from './connack.ts'
import type { Connection } from './connection.ts'
import type { Session } from './session.ts'

/** How a connection ended: the DISCONNECT that was sent, and by whom. */
export interface Farewell {
  readonly reasonCode: number | undefined
  readonly by: 'client' | 'broker'
}

export const referenceOf = ({ identity, transport, username, version }: Connection): ClientReference => ({
  clientId: identity?.clientId ?? '',
  username,
  address: transport.remoteAddress,
  listener: transport.listener,
  protocolVersion: version,
})

export function tellConnected(connection: Connection, { expirySeconds }: Session, connack: ConnackPacket): void {
  const { cleanStart, keepAliveSeconds, services } = connection
  services.counters.reasonsSent.add('connack', connack.reasonCode)
  services.latencies.connected(connection.connectReceivedAtMs)
  const session = { sessionPresent: connack.sessionPresent, cleanStart, sessionExpirySeconds: expirySeconds }
  services.events.tell({ kind: 'connected', client: referenceOf(connection), keepAliveSeconds, ...session })
}

export function tellDisconnected(connection: Connection, farewell: Farewell | undefined): void {
  const { reasonCode, by } = farewell ?? { reasonCode: undefined, by: 'client' }
  const connectedSeconds = (connection.services.clock.monotonicMs() - connection.connectedAtMs) / 1000
  const client = referenceOf(connection)
  connection.services.events.tell({ kind: 'disconnected', client, reasonCode, by, connectedSeconds })
}

export function farewellPacket(
  protocol: ProtocolOptions,
  reasonCode: number,
  reasonString: string | undefined,
): Extract<Packet, { type: 'disconnect' }> {
  const properties = { ...(reasonString !== undefined && { reasonString }), ...serverReferenceOf(protocol, reasonCode) }
  return { type: 'disconnect', reasonCode, properties }
}
