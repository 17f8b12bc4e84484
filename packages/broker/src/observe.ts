/** What can be seen of a running broker: plain snapshots. */
import type { PartitionRange } from '@hawser/engine'
import type { Counters } from './counters.ts'
import type { Limits } from './limits/limits.ts'
import type { AccountFigures } from './measure/balance.ts'
import type { HistogramSnapshot } from './measure/histogram.ts'
import type { LatencyName } from './measure/latencies.ts'
import type { ListenerOptions } from './transport/listener-options.ts'

export interface ListenerInfo {
  readonly name: string
  readonly protocol: ListenerOptions['protocol']
  /** Empty for a Unix socket, whose `port` is 0. */
  readonly host: string
  readonly port: number
  readonly socketPath: string | undefined
  /** Open now, those among them that are still on their way to CONNECT. */
  readonly connections: number
  /** When the first of its certificates ends, in milliseconds of the wall clock. */
  readonly certificateEndsAtMs: number | undefined
}

export interface BrokerStats {
  readonly startedAtMicros: number
  readonly uptimeSeconds: number
  readonly listeners: readonly ListenerInfo[]
  readonly counters: Readonly<Counters>
  /** Those in force, in all. */
  readonly limits: Limits
  readonly connections: number
  readonly sessionsOnline: number
  /** Those that wait for their client, in memory or in the store. */
  readonly sessionsOffline: number
  readonly subscriptions: number
  /** Those of them that are shared. */
  readonly sharedSubscriptions: number
  readonly retainedMessages: number
  readonly retainedBytes: number
  /** Messages sent and not yet acknowledged by clients. */
  readonly inflight: number
  /** Sessions that read their backlog from the log. */
  readonly sessionsBehind: number
  /** Acknowledgements that wait for the log. */
  readonly commitsWaiting: number
  readonly outputBytesPending: number
  /** Set aside for packets that have begun and not ended. */
  readonly unfinishedBytes: number
  /** Free space of the log's disk is below its watermark. */
  readonly diskLow: boolean
  readonly diskFreeBytes: number | undefined
  readonly partitions: readonly PartitionRange[]
  readonly latencies: Readonly<Record<LatencyName, HistogramSnapshot>>
  /** What became of each message; `imbalances` names the sums that do not agree. */
  readonly accounting: AccountFigures
  /** Publishes that were acknowledged and are not durable: anything but 0 is a broken promise. */
  readonly missing: number
}

export interface ClientInfo {
  readonly clientId: string
  readonly username: string | undefined
  readonly address: string
  readonly listener: string
  readonly protocolVersion: 3 | 4 | 5
  readonly connectedSeconds: number
  readonly keepAliveSeconds: number
  readonly cleanStart: boolean
  readonly sessionExpirySeconds: number
  readonly subscriptions: number
  readonly inflight: number
  readonly packetsReceived: number
  readonly publishesSent: number
  readonly outputBytesPending: number
  /** It reads its backlog from the log. */
  readonly behind: boolean
  readonly slow: boolean
}
