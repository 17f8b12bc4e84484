/** Mosquitto's names below `$SYS/broker/`, each with the meaning that it has there; `version` says who we are. */
import type { BrokerStats } from '../observe.ts'

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

export interface Heap {
  readonly current: number
  readonly maximum: number
}

export function figures(stats: BrokerStats, version: string, heap: Heap): Record<string, string | number> {
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
    'heap/current': heap.current,
    'heap/maximum': heap.maximum,
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
