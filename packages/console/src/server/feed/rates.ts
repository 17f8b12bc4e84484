/** What happened per second between two snapshots. */
import type { HistoryPoint, Rates, Snapshot } from '@hawser/admin'

export interface Sample {
  readonly snapshot: Snapshot
  readonly atMonotonicMs: number
}

export function ratesBetween(before: Sample, after: Sample): Rates {
  const seconds = (after.atMonotonicMs - before.atMonotonicMs) / 1000
  const from = totals(before.snapshot)
  const to = totals(after.snapshot)
  // A counter that went back belongs to a process that was started again: it has not counted long enough for a rate.
  const rate = (name: keyof Totals): number => (seconds > 0 ? Math.max(0, to[name] - from[name]) / seconds : 0)
  return {
    receivedPerSecond: rate('received'),
    sentPerSecond: rate('sent'),
    recordedPerSecond: rate('recorded'),
    writtenPerSecond: rate('written'),
    droppedPerSecond: rate('dropped'),
    bytesReceivedPerSecond: rate('bytesReceived'),
    bytesSentPerSecond: rate('bytesSent'),
  }
}

export function historyPoint(snapshot: Snapshot, rates: Rates): HistoryPoint {
  return {
    atMs: snapshot.atMs,
    receivedPerSecond: rates.receivedPerSecond,
    sentPerSecond: rates.sentPerSecond,
    recordedPerSecond: rates.recordedPerSecond,
    droppedPerSecond: rates.droppedPerSecond,
    connections: snapshot.broker.connections.now,
    lagMessages: Math.max(0, ...snapshot.connectors.map(({ lag }) => lag.messages)),
  }
}

type Totals = ReturnType<typeof totals>

function totals({ broker, log, connectors }: Snapshot) {
  const { received, sent } = broker.publishes
  return {
    received: received.qos0 + received.qos1 + received.qos2,
    sent: sent.qos0 + sent.qos1 + sent.qos2,
    recorded: log.records.committed,
    written: connectors.reduce((sum, { written }) => sum + written, 0),
    dropped: Object.values(broker.dropped).reduce((sum, count) => sum + count, 0),
    bytesReceived: broker.bytes.received,
    bytesSent: broker.bytes.sent,
  }
}
