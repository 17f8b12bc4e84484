/** A load's report, and the line that shows how it goes. */
import type { BenchReport, ConnectingReport, TrafficReport } from '@hawser/verify/bench'
import { columns } from '../flags.ts'

type Quantiles = ConnectingReport['connectingMicros']

const whole = (value: number): string => Math.round(value).toLocaleString('en')

function duration(micros: number): string {
  if (micros < 1_000) return `${micros} µs`
  return micros < 1_000_000 ? `${(micros / 1_000).toPrecision(3)} ms` : `${(micros / 1_000_000).toPrecision(3)} s`
}

const spread = ({ p50, p90, p99, p999, max }: Quantiles): string =>
  Object.entries({ p50, p90, p99, 'p99.9': p999, max })
    .map(([name, micros]) => `${name} ${duration(micros)}`)
    .join('  ')

export const progressText = (seconds: number, { published, delivered }: { published: number; delivered: number }) =>
  `${seconds} s  ${whole(published)} published  ${whole(delivered)} delivered`

export function reportText(report: BenchReport): string {
  const { scenario, broker, mqtt, qos, processes, publishers, subscribers, payloadBytes, traffic, connecting } = report
  const load =
    traffic === undefined
      ? `${scenario} at ${broker}, MQTT ${mqtt}, ${processes} processes`
      : `${scenario} at ${broker}: ${whole(publishers)} publishers, ${whole(subscribers)} subscribers, QoS ${qos}, ` +
        `${whole(payloadBytes)}-byte payloads, MQTT ${mqtt}, ${processes} processes`
  const rows = [
    ...(traffic === undefined ? [] : trafficRows(traffic, subscribers)),
    ...(connecting === undefined ? [] : connectingRows(connecting)),
  ]
  const verdict = report.problems.length === 0 ? 'nothing lost, all in order' : report.problems.join('; ')
  return `${load}\n${columns(rows)}\n${traffic === undefined && report.problems.length === 0 ? 'all is well' : verdict}\n`
}

function trafficRows(traffic: TrafficReport, subscribers: number): [string, string][] {
  const { latencyMicros, acknowledgementMicros, sentLateMicros, duplicated } = traffic
  return [
    ['published', `${whole(traffic.publishedPerSecond)}/s, ${whole(traffic.published)} in all`],
    ...(subscribers === 0
      ? []
      : [
          ['delivered', `${whole(traffic.deliveredPerSecond)}/s, ${whole(traffic.delivered)} in all`] as [
            string,
            string,
          ],
        ]),
    ...row('latency', latencyMicros),
    ...row('acknowledged', acknowledgementMicros),
    ...row('sent late', sentLateMicros),
    ...(duplicated === 0 ? [] : [['delivered twice', whole(duplicated)] as [string, string]]),
  ]
}

function connectingRows({ opened, openedPerSecond, connectingMicros, subscribingMicros }: ConnectingReport) {
  return [
    ['opened', `${whole(opened)}, at ${whole(openedPerSecond)}/s`] as [string, string],
    ...row('to CONNACK', connectingMicros),
    ...row('to SUBACK', subscribingMicros),
  ]
}

const row = (name: string, quantiles: Quantiles | undefined): [string, string][] =>
  quantiles === undefined ? [] : [[name, spread(quantiles)]]
