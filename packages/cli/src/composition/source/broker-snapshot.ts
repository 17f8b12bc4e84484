/** What the broker says of itself, in the words of the admin model. */
import type { Broker as BrokerSnapshot, Client, Figures } from '@hawser/admin'
import type { BrokerStats, ClientInfo, Limits } from '@hawser/broker'
import { snakeCase } from '../../config/names.ts'
import { accountFigures } from './account-figures.ts'

export interface BrokerFacts {
  readonly id: string
  readonly stats: BrokerStats
  readonly limits: Limits
  readonly version: string
  readonly draining: boolean
  /** Clients by the name of their listener. */
  readonly connectionsByListener: ReadonlyMap<string, number>
}

const perQos = ([qos0, qos1, qos2]: readonly [number, number, number]) => ({ qos0, qos1, qos2 })
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const queue = (name: string, length: number, lengthMax: number | null, bytes = 0) => ({
  name,
  length,
  bytes,
  lengthMax,
})

export function brokerSnapshot(facts: BrokerFacts): BrokerSnapshot {
  const { id, stats, limits, version, draining, connectionsByListener } = facts
  const { counters } = stats
  return {
    id,
    version,
    state: draining ? 'draining' : 'running',
    startedAtMs: Math.round(stats.startedAtMicros / 1000),
    uptimeSeconds: stats.uptimeSeconds,
    listeners: stats.listeners.map(({ name, protocol, host, port, socketPath, certificateEndsAtMs }) => ({
      name,
      kind: protocol,
      host,
      port,
      socketPath: socketPath ?? null,
      connections: connectionsByListener.get(name) ?? 0,
      certificateEndsAtMs: certificateEndsAtMs ?? null,
    })),
    connections: {
      now: stats.connections,
      total: counters.connectionsAccepted,
      max: counters.connectionsMax,
      refused: counters.connectionsRefused,
      refusedAtDoor: { ...counters.refusedAtDoor },
    },
    // The broker counts the PUBLISH packets that it sends apart from the others.
    packets: { received: counters.packetsReceived, sent: counters.packetsSent + sum(counters.publishesSent) },
    bytes: { received: counters.bytesReceived, sent: counters.bytesSent },
    publishes: { received: perQos(counters.publishesReceived), sent: perQos(counters.publishesSent) },
    publishBytes: { received: counters.publishBytesReceived, sent: counters.publishBytesSent },
    dropped: { ...counters.dropped },
    subscriptions: stats.subscriptions,
    sessions: {
      online: stats.sessionsOnline,
      offline: stats.sessionsOffline,
      durable: stats.sessionsOnline + stats.sessionsOffline,
    },
    retained: { count: stats.retainedMessages, bytes: stats.retainedBytes },
    inflight: stats.inflight,
    queues: [
      queue('commit', stats.commitsWaiting, null),
      queue('input', 0, null, stats.unfinishedBytes),
      queue('output', 0, null, stats.outputBytesPending),
      queue('catch-up', stats.sessionsBehind, limits.catchUpsMax),
    ],
  }
}

export function figuresOf({ counters, latencies, limits, accounting }: BrokerStats): Figures {
  return {
    ...accountFigures(accounting),
    reasonsSent: [...counters.reasonsSent],
    reasonsReceived: [...counters.reasonsReceived],
    authentications: { ...counters.authentications },
    refusals: { ...counters.refused },
    limits: Object.fromEntries(Object.entries(limits).map(([name, value]) => [snakeCase(name), value])),
    latencies,
  }
}

const protocols = { 3: '3.1', 4: '3.1.1', 5: '5.0' } as const

export function clientSnapshot(info: ClientInfo, nowMs: number): Client {
  return {
    clientId: info.clientId,
    username: info.username ?? null,
    address: info.address,
    protocol: protocols[info.protocolVersion],
    connected: true,
    connectedAtMs: Math.round(nowMs - info.connectedSeconds * 1000),
    keepAliveSeconds: info.keepAliveSeconds,
    cleanStart: info.cleanStart,
    subscriptions: info.subscriptions,
    inflight: info.inflight,
    sent: info.publishesSent,
    received: info.packetsReceived,
    lagging: info.behind || info.slow,
  }
}
