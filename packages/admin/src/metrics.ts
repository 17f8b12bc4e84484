/**
 * Every metric at `/metrics`, with its help text: names are contracts for dashboards and alert rules. A label's values
 * come from a closed or configured set; never a client id, topic or machine. Where several processes serve clients,
 * what each of them counts bears one more label, `worker`.
 */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

const counter = <const L extends readonly string[]>(help: string, ...labels: L) =>
  ({ type: 'counter', help, labels }) as const satisfies MetricDefinition
const gauge = <const L extends readonly string[]>(help: string, ...labels: L) =>
  ({ type: 'gauge', help, labels }) as const satisfies MetricDefinition

const histogram = <const L extends readonly string[]>(help: string, ...labels: L) =>
  ({ type: 'histogram', help, labels }) as const satisfies MetricDefinition

export const workerLabel = 'worker'

export const metrics = {
  hawser_up: gauge('1 while the state of the broker can be read, 0 while it cannot'),
  hawser_build_info: gauge('Always 1; the version is its label', 'version'),

  hawser_broker_uptime_seconds: gauge('Seconds since the broker started ($SYS/broker/uptime)'),
  hawser_broker_running: gauge('1 while the broker accepts clients'),
  hawser_broker_connections: gauge('Connected clients ($SYS/broker/clients/connected)'),
  hawser_broker_connections_highest: gauge('Most clients at one time since the start ($SYS/broker/clients/maximum)'),
  hawser_broker_connections_accepted_total: counter('Connections accepted since the start'),
  hawser_broker_connections_refused_total: counter('Connections refused: limits, bad credentials, protocol errors'),
  hawser_broker_connections_refused_at_door_total: counter(
    'Connections that ended before a word of MQTT was said',
    'reason',
  ),
  hawser_broker_listener_connections: gauge('Connected clients by listener', 'listener'),
  hawser_broker_listener_certificate_end_seconds: gauge(
    'When the first certificate of a listener ends, in seconds since 1970',
    'listener',
  ),
  hawser_broker_packets_received_total: counter('MQTT packets of every type ($SYS/broker/messages/received)'),
  hawser_broker_packets_sent_total: counter('MQTT packets of every type ($SYS/broker/messages/sent)'),
  hawser_broker_bytes_received_total: counter('Bytes read from clients ($SYS/broker/bytes/received)'),
  hawser_broker_bytes_sent_total: counter('Bytes written to clients ($SYS/broker/bytes/sent)'),
  hawser_broker_publishes_received_total: counter('PUBLISH received ($SYS/broker/publish/messages/received)', 'qos'),
  hawser_broker_publishes_sent_total: counter('PUBLISH sent ($SYS/broker/publish/messages/sent)', 'qos'),
  hawser_broker_publish_bytes_received_total: counter('Payload bytes ($SYS/broker/publish/bytes/received)'),
  hawser_broker_publish_bytes_sent_total: counter('Payload bytes ($SYS/broker/publish/bytes/sent)'),
  hawser_broker_publishes_dropped_total: counter(
    'PUBLISH dropped, by reason ($SYS/broker/publish/messages/dropped)',
    'reason',
  ),
  hawser_broker_subscriptions: gauge('Subscriptions ($SYS/broker/subscriptions/count)'),
  hawser_broker_sessions: gauge(
    'Sessions online, offline, and those that outlive their connection ($SYS/broker/clients/total, /disconnected)',
    'state',
  ),
  hawser_broker_retained_messages: gauge('Retained messages ($SYS/broker/retained messages/count)'),
  hawser_broker_retained_bytes: gauge('Payload bytes of the retained messages'),
  hawser_broker_inflight_messages: gauge('QoS 1 and 2 deliveries that wait for an acknowledgement'),
  hawser_broker_queue_messages: gauge('Entries in each bounded queue', 'queue'),
  hawser_broker_queue_bytes: gauge('Bytes in each bounded queue', 'queue'),
  hawser_broker_queue_messages_limit: gauge('Bound of each queue that has one in entries', 'queue'),

  hawser_broker_reason_codes_sent_total: counter(
    'Reason codes sent, by packet and name of the code',
    'packet',
    'reason',
  ),
  hawser_broker_reason_codes_received_total: counter('Reason codes received from clients', 'packet', 'reason'),
  hawser_broker_refusals_total: counter('What clients were refused, by limit or right: docs/limits.md', 'reason'),
  hawser_broker_authentications_total: counter('Attempts to log in, by what came of them', 'result'),
  hawser_broker_intake_total: counter(
    'PUBLISH of clients at QoS 0, or at 1 and 2: taken, repeated, or refused by reason',
    'qos',
    'outcome',
  ),
  hawser_broker_messages_total: counter(
    'Publishes and deliveries by class (QoS 0 live, QoS 1 and 2 by durability), by what became of them',
    'class',
    'event',
  ),
  hawser_broker_messages_dropped_total: counter(
    'Deliveries dropped, or given up after they had begun, by class and reason',
    'class',
    'reason',
  ),
  hawser_broker_messages_inflight: gauge('Deliveries to connected clients that wait for an acknowledgement', 'class'),
  hawser_broker_imbalances: gauge('Sums over messages that do not agree: must be 0'),
  hawser_broker_limit: gauge('Bounds in force, by their key in the configuration', 'limit'),
  hawser_broker_latency_seconds: histogram(
    'How long a CONNECT, a commit of the log and a live delivery at QoS 1 or 2 took; one at a time is timed',
    'step',
  ),

  hawser_log_open: gauge('1 while the log takes records, 0 while full or failed'),
  hawser_log_status: gauge('1 for the status in force', 'status'),
  hawser_log_durability: gauge('1 for each durability class in force', 'class'),
  hawser_log_bytes: gauge('Bytes of the log ($SYS/broker/store/messages/bytes)'),
  hawser_log_records_appended_total: counter('Records appended by this node'),
  hawser_log_records_committed_total: counter('Records durable ($SYS/broker/store/messages/count)'),
  hawser_log_fsync_latency_ms: gauge('Duration of a sync in the last minute', 'quantile'),
  hawser_log_partition_start: gauge('Oldest position that can be read', 'partition'),
  hawser_log_partition_end: gauge('One past the newest committed position', 'partition'),

  hawser_connector_state: gauge('1 for the state in force', 'connector', 'state'),
  hawser_connector_lag_messages: gauge('Records in the log not yet written by the connector', 'connector'),
  hawser_connector_lag_bytes: gauge('Bytes in the log not yet written by the connector', 'connector'),
  hawser_connector_lag_seconds: gauge('Age of the oldest record not yet written by the connector', 'connector'),
  hawser_connector_lag_share: gauge(
    'Of what the connector may hold back of the log, how much it does; past 1 its policy applies',
    'connector',
  ),
  hawser_connector_written_total: counter('Records that the sink acknowledged', 'connector'),
  hawser_connector_duplicates_total: counter('Records met again and not written twice', 'connector'),
  hawser_connector_dead_letters_total: counter('Records that the sink refused for good', 'connector'),
  hawser_connector_dropped_total: counter('Messages that rules have left out', 'connector'),
  hawser_connector_rule_total: counter(
    'Messages that a rule has matched, and of these those that it dropped, or could not change as it says',
    'connector',
    'rule',
    'outcome',
  ),
  hawser_connector_lost_total: counter('Records that the log had forgotten before they could be read', 'connector'),

  hawser_connector_bytes_total: counter('Payload bytes of the messages that are done', 'connector'),
  hawser_connector_batches_total: counter('Batches that the sink acknowledged', 'connector'),
  hawser_connector_batch_messages: gauge('Messages in a batch, of the newest 1,024', 'connector', 'quantile'),
  hawser_connector_batch_bytes: gauge('Payload bytes of a batch, of the newest 1,024', 'connector', 'quantile'),
  hawser_connector_batch_seconds: gauge(
    'How long the sink took for a batch, of the newest 1,024',
    'connector',
    'quantile',
  ),
  hawser_connector_retries_total: counter('How often the connector began again by itself', 'connector'),
  hawser_connector_errors_total: counter('What went wrong, by code of the error', 'connector', 'code'),

  hawser_part_running: gauge('1 while the supervised part runs', 'part'),
  hawser_part_restarts_total: counter('Restarts of the supervised part', 'part'),

  hawser_machines: gauge('Machines known, by kind of time they are in', 'category'),
  hawser_ledger_acknowledged_total: counter('Publishes that devices of this run saw acknowledged'),
  hawser_ledger_recorded_total: counter('Publishes in the log'),
  hawser_ledger_delivered_total: counter('Deliveries to subscribers and sinks'),
  hawser_ledger_dropped_total: counter('Drops over all parts', 'reason'),
  hawser_ledger_missing: gauge('Publishes acknowledged and not in the log: must be 0'),

  hawser_console_live_clients: gauge('Pages that receive the live feed'),
  hawser_console_frames_skipped_total: counter('Live frames not sent to a page that reads too slowly'),
} as const satisfies Readonly<Record<`hawser_${string}`, MetricDefinition>>

export type MetricName = keyof typeof metrics
export type MetricLabels<Name extends MetricName> = Readonly<Record<(typeof metrics)[Name]['labels'][number], string>>
