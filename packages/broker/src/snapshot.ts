import type { Counters } from './counters.ts'
import { accountFigures } from './measure/account-figures.ts'
import type { BrokerStats, ClientInfo, ListenerInfo } from './observe.ts'
import type { Services } from './services.ts'
import type { Connection } from './session/connection.ts'
import type { Session } from './session/session.ts'
import type { Listener } from './transport/transport.ts'

export function statsOf(
  services: Services,
  connections: ReadonlySet<Connection>,
  listeners: readonly Listener[],
  times: Pick<BrokerStats, 'startedAtMicros' | 'uptimeSeconds'>,
): BrokerStats {
  const { counters, sessions, router, shared, retained, commits, log, latencies } = services
  let inflight = 0
  let sessionsBehind = 0
  let outputBytesPending = 0
  let packetsReceived = counters.packetsReceived
  let bytesSent = counters.bytesSent
  for (const session of sessions.online.values()) {
    inflight += session.inflightCount
    if (!session.live) sessionsBehind++
  }
  for (const connection of connections) {
    outputBytesPending += connection.output.pendingBytes
    packetsReceived += connection.packetsReceived
    bytesSent += connection.output.sentBytes
  }
  return {
    ...times,
    listeners: listeners.map(listenerInfo),
    limits: { ...services.limits },
    diskLow: services.disk.low,
    diskFreeBytes: services.disk.freeBytes,
    counters: { ...counters, packetsReceived, bytesSent },
    connections: connections.size,
    sessionsOnline: sessions.online.size,
    sessionsOffline: sessions.offlineCount,
    subscriptions: router.subscriptionCount + shared.count,
    sharedSubscriptions: shared.count,
    retainedMessages: retained.count,
    retainedBytes: retained.bytes,
    inflight,
    sessionsBehind,
    commitsWaiting: commits.length,
    outputBytesPending,
    unfinishedBytes: services.unfinished.held.bytes,
    partitions: log.partitions(),
    latencies: latencies.snapshot(),
    accounting: accountFigures(services),
    missing: missingOf(counters),
  }
}

/** What a hook dropped was acknowledged all the same. */
function missingOf(counters: Counters): number {
  const { publishesAcknowledged, publishesReacknowledged, publishesCommitted, accounts } = counters
  const owed = publishesAcknowledged - publishesReacknowledged - accounts.acknowledgedDropped
  return Math.max(0, owed - publishesCommitted)
}

function listenerInfo(listener: Listener): ListenerInfo {
  const { name, protocol, host, port, socketPath, connections, certificateEndsAtMs } = listener
  return { name, protocol, host, port, socketPath, connections, certificateEndsAtMs }
}

export function clientInfo(session: Session, nowMs: number): ClientInfo | undefined {
  const { connection } = session
  if (connection === undefined) return undefined
  return {
    clientId: session.clientId,
    username: connection.username,
    address: connection.transport.remoteAddress,
    listener: connection.transport.listener,
    protocolVersion: connection.version,
    connectedSeconds: (nowMs - connection.connectedAtMs) / 1000,
    keepAliveSeconds: connection.keepAliveSeconds,
    cleanStart: connection.cleanStart,
    sessionExpirySeconds: session.expirySeconds,
    subscriptions: session.subscriptions.size,
    inflight: session.inflightCount,
    packetsReceived: connection.packetsReceived,
    publishesSent: connection.publishesSent,
    outputBytesPending: connection.output.pendingBytes,
    behind: !session.live,
    slow: connection.reading.slow,
  }
}
