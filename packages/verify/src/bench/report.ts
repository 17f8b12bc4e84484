/** What a load came to, and what was wrong with it. */
import { type Counts, Histogram, type Quantiles, type TrafficTally } from './load/mod.ts'
import type { HoldTally, Tally } from './messages.ts'
import type { BenchPlan } from './scenario.ts'

export interface BenchReport
  extends Pick<
    BenchPlan,
    | 'scenario'
    | 'processes'
    | 'publishers'
    | 'subscribers'
    | 'connections'
    | 'qos'
    | 'payloadBytes'
    | 'window'
    | 'rate'
    | 'seconds'
  > {
  readonly broker: string
  readonly mqtt: '3.1.1' | '5.0'
  readonly traffic?: TrafficReport
  readonly connecting?: ConnectingReport
  /** What should not have happened, as clauses; empty: all is well. */
  readonly problems: readonly string[]
}

/** Counts are of the whole run, warm-up included; rates and latencies of what was measured. */
export interface TrafficReport
  extends Pick<
    TrafficTally,
    | 'published'
    | 'delivered'
    | 'publishedPerSecond'
    | 'deliveredPerSecond'
    | 'unacknowledged'
    | 'lost'
    | 'undelivered'
    | 'duplicated'
    | 'outOfOrder'
    | 'closed'
  > {
  /** From the (intended) sending to the arrival at a subscriber. */
  readonly latencyMicros?: Quantiles
  /** From the (intended) sending to the last acknowledgement, at QoS 1 and 2. */
  readonly acknowledgementMicros?: Quantiles
  /** Where a rate was asked for: how late messages were sent, which their latencies contain. */
  readonly sentLateMicros?: Quantiles
}

export interface ConnectingReport {
  readonly opened: number
  readonly openedPerSecond: number
  readonly connectingMicros: Quantiles
  /** From SUBSCRIBE to SUBACK. */
  readonly subscribingMicros?: Quantiles
  readonly closed: number
}

export function reportOf(plan: BenchPlan, tallies: readonly Tally[]): BenchReport {
  const { scenario, processes, publishers, subscribers, connections, qos, payloadBytes, window, rate, seconds } = plan
  const { host, port, tls, version } = plan.target
  const traffic = tallies.flatMap((tally) => (tally.kind === 'traffic' ? [tally.tally] : []))
  const held = tallies.flatMap((tally) => (tally.kind === 'hold' ? [tally.tally] : []))
  const parts = {
    ...(traffic.length === 0 ? {} : { traffic: trafficReport(traffic) }),
    ...(held.length === 0 ? {} : { connecting: connectingReport(held) }),
  }
  return {
    ...{ scenario, processes, publishers, subscribers, connections, qos, payloadBytes, window, rate, seconds },
    broker: `${tls === undefined ? 'mqtt' : 'mqtts'}://${host}:${port}`,
    mqtt: version === 5 ? '5.0' : '3.1.1',
    ...parts,
    problems: problemsOf(parts, qos),
  }
}

function trafficReport(tallies: readonly TrafficTally[]): TrafficReport {
  const sum = (pick: (tally: TrafficTally) => number): number => tallies.reduce((all, tally) => all + pick(tally), 0)
  const latencyMicros = quantiles(tallies.map(({ latency }) => latency))
  const acknowledgementMicros = quantiles(tallies.map(({ acknowledgement }) => acknowledgement))
  const sentLateMicros = quantiles(tallies.map(({ lateness }) => lateness))
  return {
    published: sum(({ published }) => published),
    delivered: sum(({ delivered }) => delivered),
    publishedPerSecond: Math.round(sum(({ publishedPerSecond }) => publishedPerSecond)),
    deliveredPerSecond: Math.round(sum(({ deliveredPerSecond }) => deliveredPerSecond)),
    unacknowledged: sum(({ unacknowledged }) => unacknowledged),
    lost: sum(({ lost }) => lost),
    undelivered: sum(({ undelivered }) => undelivered),
    duplicated: sum(({ duplicated }) => duplicated),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    closed: sum(({ closed }) => closed),
    ...(latencyMicros && { latencyMicros }),
    ...(acknowledgementMicros && { acknowledgementMicros }),
    ...(sentLateMicros && { sentLateMicros }),
  }
}

function connectingReport(tallies: readonly HoldTally[]): ConnectingReport {
  const sum = (pick: (tally: HoldTally) => number): number => tallies.reduce((all, tally) => all + pick(tally), 0)
  const none: Quantiles = { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 }
  const subscribingMicros = quantiles(tallies.map(({ subscribing }) => subscribing))
  return {
    opened: sum(({ opened }) => opened),
    openedPerSecond: Math.round(sum(({ openedPerSecond }) => openedPerSecond)),
    connectingMicros: quantiles(tallies.map(({ connecting }) => connecting)) ?? none,
    ...(subscribingMicros && { subscribingMicros }),
    closed: sum(({ closed }) => closed),
  }
}

function quantiles(all: readonly Counts[]): Quantiles | undefined {
  const histogram = new Histogram()
  for (const counts of all) histogram.addAll(counts)
  return histogram.total === 0 ? undefined : histogram.quantilesMicros()
}

function problemsOf({ traffic, connecting }: Pick<BenchReport, 'traffic' | 'connecting'>, qos: number): string[] {
  const closed = (traffic?.closed ?? 0) + (connecting?.closed ?? 0)
  const found: [count: number, what: string][] = [
    [traffic?.lost ?? 0, 'lost'],
    [traffic?.outOfOrder ?? 0, 'out of order'],
    // At QoS 1 the protocol allows it.
    [qos === 1 ? 0 : (traffic?.duplicated ?? 0), 'delivered twice'],
    [traffic?.undelivered ?? 0, 'not delivered 20 s after the last was published'],
    [traffic?.unacknowledged ?? 0, 'never acknowledged'],
  ]
  const messages = found.filter(([count]) => count > 0).map(([count, what]) => `${counted(count, 'message')} ${what}`)
  return closed === 0 ? messages : [...messages, `${counted(closed, 'connection')} closed by the broker`]
}

const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`
