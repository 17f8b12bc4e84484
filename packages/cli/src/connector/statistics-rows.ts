/** The statistics of a connector, as `hawser connector show` prints them. */
import type { ConnectorSnapshot } from '@hawser/admin'

type Statistics = ConnectorSnapshot['statistics']
type Row = readonly [string, string]

export function statisticsRows({ lastMinute, lastFiveMinutes, bytes, batches, ...rest }: Statistics): readonly Row[] {
  const errors = Object.entries(rest.errors).map(([code, count]) => `${code} ${count}`)
  return [
    ['last minute', rateText(lastMinute)],
    ['last 5 minutes', rateText(lastFiveMinutes)],
    ['bytes', String(bytes)],
    ...(batches === null ? [] : batchRows(batches)),
    ['retries', String(rest.retries)],
    ['errors', errors.length === 0 ? 'none' : errors.join(', ')],
  ]
}

const rateText = ({ messagesPerSecond, bytesPerSecond }: Statistics['lastMinute']): string =>
  `${messagesPerSecond.toFixed(1)}/s, ${bytesPerSecond.toFixed(0)} bytes/s`

const batchRows = ({ count, messages, bytes, ms }: NonNullable<Statistics['batches']>): readonly Row[] => [
  ['batches', `${count}, p50 ${messages.p50} messages of ${bytes.p50} bytes, p99 ${messages.p99} of ${bytes.p99}`],
  ['time of sink', `p50 ${ms.p50.toFixed(1)} ms, p99 ${ms.p99.toFixed(1)} ms a batch`],
]
