/** Prometheus would get what dashboards and alert rules ask for, and the figures move. */
import { type MetricName, metrics, type Snapshot } from '@hawser/admin'
import type { Check } from '../check.ts'
import { failed, passed } from '../finding.ts'
import { PrometheusSyntaxError, type PrometheusText, parsePrometheusText } from '../prometheus-text.ts'
import { lookUntil, whyOf } from '../waiting.ts'

const subject = { name: 'metrics', what: 'metrics scraped' }
/** It rises with every packet, the doctor's own too. */
const moving = 'hawser_broker_packets_received_total' satisfies MetricName
const namedMax = 5

export const metricsCheck: Check = {
  subject,
  needs: 'console',
  async run(context) {
    const look = async () => parsePrometheusText(await context.console.metrics())
    let looks: { readonly first: PrometheusText; readonly latest: PrometheusText }
    try {
      looks = await lookUntil(context, look, ({ first, latest }) => packetsOf(latest) > packetsOf(first))
    } catch (error) {
      const mend =
        error instanceof PrometheusSyntaxError ? 'is it a Hawser of the same version?' : 'is /metrics let through?'
      return [failed(subject, whyOf(error), mend)]
    }
    const { first, latest } = looks
    if (latest.samples.get('hawser_up')?.[0]?.value !== 1) {
      return [failed(subject, 'hawser_up is not 1: the broker cannot be read', 'see the log file')]
    }
    const lacking = expectedNames(context.snapshot).filter((name) => !latest.samples.has(sampleOf(name)))
    if (lacking.length > 0) {
      const more = lacking.length > namedMax ? ` and ${lacking.length - namedMax} more` : ''
      return [
        failed(
          subject,
          `missing: ${lacking.slice(0, namedMax).join(', ')}${more}`,
          'is it a Hawser of the same version?',
        ),
      ]
    }
    const moved = packetsOf(latest) - packetsOf(first)
    if (moved <= 0)
      return [failed(subject, `${moving} stands still at ${packetsOf(latest)}`, 'does the broker take packets?')]
    return [passed(subject, `${latest.samples.size} metrics, ${moved} more packets while looking`)]
  },
}

/** A histogram's own name has no sample: its count stands for it. */
const sampleOf = (name: MetricName): string => (metrics[name].type === 'histogram' ? `${name}_count` : name)

const packetsOf = ({ samples }: PrometheusText): number =>
  (samples.get(moving) ?? []).reduce((sum, { value }) => sum + value, 0)

const hasBatches = ({ connectors }: Snapshot): boolean =>
  connectors.some(({ statistics }) => statistics.batches !== null)

/** A metric without a sample is left out by the server: these are there only where there is something to count. */
const present: Partial<Record<MetricName, (snapshot: Snapshot) => boolean>> = {
  hawser_broker_publish_bytes_sent_total: ({ broker }) => broker.publishBytes.sent !== null,
  hawser_broker_publishes_dropped_total: ({ broker }) => Object.keys(broker.dropped).length > 0,
  hawser_broker_connections_refused_at_door_total: ({ broker }) =>
    Object.keys(broker.connections.refusedAtDoor).length > 0,
  hawser_broker_listener_certificate_end_seconds: ({ broker }) =>
    broker.listeners.some(({ certificateEndsAtMs }) => certificateEndsAtMs !== null),
  hawser_broker_listener_connections: ({ broker }) => broker.listeners.length > 0,
  hawser_broker_queue_messages: ({ broker }) => broker.queues.length > 0,
  hawser_broker_queue_bytes: ({ broker }) => broker.queues.length > 0,
  hawser_broker_queue_messages_limit: ({ broker }) => broker.queues.some(({ lengthMax }) => lengthMax !== null),
  hawser_log_fsync_latency_ms: ({ log }) => log.fsyncLatencyMs !== null,
  hawser_log_partition_start: ({ log }) => log.partitions.length > 0,
  hawser_log_partition_end: ({ log }) => log.partitions.length > 0,
  hawser_connector_state: ({ connectors }) => connectors.length > 0,
  hawser_connector_lag_messages: ({ connectors }) => connectors.length > 0,
  hawser_connector_lag_bytes: ({ connectors }) => connectors.some(({ lag }) => lag.bytes !== null),
  hawser_connector_lag_seconds: ({ connectors }) => connectors.some(({ lag }) => lag.seconds !== null),
  hawser_connector_written_total: ({ connectors }) => connectors.length > 0,
  hawser_connector_duplicates_total: ({ connectors }) => connectors.length > 0,
  hawser_connector_dead_letters_total: ({ connectors }) => connectors.length > 0,
  hawser_connector_dropped_total: ({ connectors }) => connectors.length > 0,
  hawser_connector_lost_total: ({ connectors }) => connectors.length > 0,
  hawser_connector_lag_share: ({ connectors }) => connectors.length > 0,
  hawser_connector_rule_total: ({ connectors }) => connectors.some(({ rules }) => rules.length > 0),
  hawser_connector_bytes_total: ({ connectors }) => connectors.length > 0,
  hawser_connector_retries_total: ({ connectors }) => connectors.length > 0,
  hawser_connector_errors_total: ({ connectors }) =>
    connectors.some(({ statistics }) => Object.keys(statistics.errors).length > 0),
  hawser_connector_batches_total: hasBatches,
  hawser_connector_batch_messages: hasBatches,
  hawser_connector_batch_bytes: hasBatches,
  hawser_connector_batch_seconds: hasBatches,
  hawser_part_running: ({ parts }) => parts.length > 0,
  hawser_part_restarts_total: ({ parts }) => parts.length > 0,
  hawser_ledger_dropped_total: ({ ledger }) => Object.keys(ledger.dropped).length > 0,
  hawser_ledger_missing: ({ ledger }) => ledger.missing !== null,
}

function expectedNames(snapshot: Snapshot): readonly MetricName[] {
  const names = Object.keys(metrics) as MetricName[]
  return names.filter((name) => present[name]?.(snapshot) ?? true)
}
