/** What a watched broker tells of itself. */
import type { BrokerStats } from '@hawser/broker'
import type { BrokerFigures } from './pulse.ts'

const seen = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))

export function figuresOf(stats: BrokerStats): BrokerFigures {
  const { counters, connections, sessionsOnline, sessionsBehind, inflight, outputBytesPending } = stats
  return {
    ...{ connections, sessionsOnline, sessionsBehind, inflight, outputBytesPending },
    packetsReceived: counters.packetsReceived,
    dropped: seen(counters.dropped),
    refused: seen(counters.refused),
  }
}
