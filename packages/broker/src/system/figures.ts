/** Mosquitto's names below `$SYS/broker/`, each with the meaning that it has there; `version` says who we are. */
import type { Counters } from '../counters.ts'
import type { BrokerStats } from '../observe.ts'

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** What the figures are made of: numbers that several processes may add up. */
export interface SystemStats
  extends Pick<
    BrokerStats,
    | 'uptimeSeconds'
    | 'sessionsOnline'
    | 'sessionsOffline'
    | 'retainedMessages'
    | 'retainedBytes'
    | 'subscriptions'
    | 'sharedSubscriptions'
  > {
  readonly counters: Omit<Readonly<Counters>, 'reasonsSent' | 'reasonsReceived'>
  readonly heapBytes: number
}

export function systemStats(stats: BrokerStats): SystemStats {
  const { uptimeSeconds, sessionsOnline, sessionsOffline, retainedMessages, retainedBytes } = stats
  const { subscriptions, sharedSubscriptions } = stats
  const { reasonsSent: _sent, reasonsReceived: _received, ...counters } = stats.counters
  const heapBytes = process.memoryUsage().heapUsed
  const kept = { retainedMessages, retainedBytes, subscriptions, sharedSubscriptions }
  return { uptimeSeconds, sessionsOnline, sessionsOffline, ...kept, counters, heapBytes }
}

export function figures(stats: SystemStats, version: string, heapBytesMax: number): Record<string, string | number> {
  const { counters } = stats
  const sessions = stats.sessionsOnline + stats.sessionsOffline
  return {
    version: `hawser version ${version}`,
    uptime: `${Math.floor(stats.uptimeSeconds)} seconds`,
    'clients/connected': stats.sessionsOnline,
    'clients/active': stats.sessionsOnline,
    'clients/disconnected': stats.sessionsOffline,
    'clients/inactive': stats.sessionsOffline,
    'clients/total': sessions,
    'clients/maximum': counters.sessionsOnlineMax,
    'clients/expired': counters.sessionsExpired,
    'heap/current': stats.heapBytes,
    'heap/maximum': heapBytesMax,
    'messages/received': counters.packetsReceived,
    'messages/sent': counters.packetsSent + sum(counters.publishesSent),
    'messages/stored': stats.retainedMessages,
    'publish/messages/received': sum(counters.publishesReceived),
    'publish/messages/sent': sum(counters.publishesSent),
    'publish/messages/dropped': sum(Object.values(counters.dropped)),
    'publish/bytes/received': counters.publishBytesReceived,
    'publish/bytes/sent': counters.publishBytesSent,
    'bytes/received': counters.bytesReceived,
    'bytes/sent': counters.bytesSent,
    'retained messages/count': stats.retainedMessages,
    'store/messages/count': stats.retainedMessages,
    'store/messages/bytes': stats.retainedBytes,
    'subscriptions/count': stats.subscriptions,
    'shared_subscriptions/count': stats.sharedSubscriptions,
  }
}
