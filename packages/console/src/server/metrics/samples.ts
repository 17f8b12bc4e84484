/** A snapshot as metric samples. The names are those of `@hawser/admin`, so none can lack its help text. */
import {
  type Broker,
  type ConnectorSnapshot,
  connectorStates,
  type Figures,
  type HawserSource,
  type HistogramFigure,
  type Ledger,
  type LogSnapshot,
  type MetricLabels,
  type MetricName,
  type Snapshot,
  stateCategories,
  type WorkerView,
} from '@hawser/admin'

export interface MetricSample {
  readonly name: MetricName
  readonly labels: Readonly<Record<string, string>>
  readonly value: number | HistogramFigure
}

function sample<Name extends MetricName>(
  name: Name,
  labels: MetricLabels<Name>,
  value: MetricSample['value'],
): MetricSample {
  return { name, labels, value }
}

export interface FeedFigures {
  readonly watchers: number
  readonly framesSkipped: number
}

export function* consoleSamples(feed: FeedFigures): Iterable<MetricSample> {
  yield sample('hawser_console_live_clients', {}, feed.watchers)
  yield sample('hawser_console_frames_skipped_total', {}, feed.framesSkipped)
}

/** What cannot be read is left out, and `hawser_up` says so. */
export async function sourceSamples(source: HawserSource): Promise<readonly MetricSample[]> {
  let snapshot: Snapshot
  let workers: readonly WorkerView[]
  try {
    snapshot = await source.snapshot()
    workers = await source.workers()
  } catch {
    return [sample('hawser_up', {}, 0)]
  }
  const samples = [sample('hawser_up', {}, 1), ...snapshotSamples(snapshot)]
  for (const worker of workers) samples.push(...(workers.length === 1 ? workerSamples(worker) : labelled(worker)))
  return samples
}

/** Their counters begin anew one by one: a sum of them would seem to fall. */
function* labelled(worker: WorkerView): Iterable<MetricSample> {
  for (const { labels, ...rest } of workerSamples(worker)) {
    yield { ...rest, labels: { ...labels, worker: worker.broker.id } }
  }
}

function* workerSamples({ broker, log, ledger, figures }: WorkerView): Iterable<MetricSample> {
  yield* brokerSamples(broker)
  yield* trafficSamples(broker)
  yield* recordSamples(log)
  yield* ledgerSamples(ledger)
  yield* figureSamples(figures)
}

function* snapshotSamples(snapshot: Snapshot): Iterable<MetricSample> {
  yield sample('hawser_build_info', { version: snapshot.broker.version }, 1)
  yield* logSamples(snapshot.log)
  for (const connector of snapshot.connectors) yield* connectorSamples(connector)
  for (const { name, state, restarts } of snapshot.parts) {
    yield sample('hawser_part_running', { part: name }, Number(state === 'running'))
    yield sample('hawser_part_restarts_total', { part: name }, restarts)
  }
  yield* machineSamples(snapshot)
}

function* brokerSamples(broker: Broker): Iterable<MetricSample> {
  const { connections, sessions, retained } = broker
  yield sample('hawser_broker_uptime_seconds', {}, broker.uptimeSeconds)
  yield sample('hawser_broker_running', {}, Number(broker.state === 'running'))
  yield sample('hawser_broker_connections', {}, connections.now)
  yield sample('hawser_broker_connections_highest', {}, connections.max)
  yield sample('hawser_broker_connections_accepted_total', {}, connections.total)
  yield sample('hawser_broker_connections_refused_total', {}, connections.refused)
  for (const [reason, count] of Object.entries(connections.refusedAtDoor)) {
    yield sample('hawser_broker_connections_refused_at_door_total', { reason }, count)
  }
  for (const { name, kind, port, socketPath, connections: now, certificateEndsAtMs } of broker.listeners) {
    const listener = `${kind}:${socketPath === null ? port : name}`
    yield sample('hawser_broker_listener_connections', { listener }, now)
    if (certificateEndsAtMs === null) continue
    yield sample('hawser_broker_listener_certificate_end_seconds', { listener }, certificateEndsAtMs / 1000)
  }
  yield sample('hawser_broker_subscriptions', {}, broker.subscriptions)
  yield sample('hawser_broker_sessions', { state: 'online' }, sessions.online)
  yield sample('hawser_broker_sessions', { state: 'offline' }, sessions.offline)
  yield sample('hawser_broker_sessions', { state: 'durable' }, sessions.durable)
  yield sample('hawser_broker_retained_messages', {}, retained.count)
  yield sample('hawser_broker_retained_bytes', {}, retained.bytes)
  yield sample('hawser_broker_inflight_messages', {}, broker.inflight)
  for (const queue of broker.queues) {
    yield sample('hawser_broker_queue_messages', { queue: queue.name }, queue.length)
    yield sample('hawser_broker_queue_bytes', { queue: queue.name }, queue.bytes)
    if (queue.lengthMax === null) continue
    yield sample('hawser_broker_queue_messages_limit', { queue: queue.name }, queue.lengthMax)
  }
}

function* trafficSamples({ packets, bytes, publishes, publishBytes, dropped }: Broker): Iterable<MetricSample> {
  yield sample('hawser_broker_packets_received_total', {}, packets.received)
  yield sample('hawser_broker_packets_sent_total', {}, packets.sent)
  yield sample('hawser_broker_bytes_received_total', {}, bytes.received)
  yield sample('hawser_broker_bytes_sent_total', {}, bytes.sent)
  for (const [qos, key] of [
    ['0', 'qos0'],
    ['1', 'qos1'],
    ['2', 'qos2'],
  ] as const) {
    yield sample('hawser_broker_publishes_received_total', { qos }, publishes.received[key])
    yield sample('hawser_broker_publishes_sent_total', { qos }, publishes.sent[key])
  }
  yield sample('hawser_broker_publish_bytes_received_total', {}, publishBytes.received)
  yield sample('hawser_broker_publish_bytes_sent_total', {}, publishBytes.sent)
  for (const [reason, count] of Object.entries(dropped)) {
    yield sample('hawser_broker_publishes_dropped_total', { reason }, count)
  }
}

function* logSamples(log: LogSnapshot): Iterable<MetricSample> {
  yield sample('hawser_log_open', {}, Number(log.status.kind === 'open'))
  for (const status of ['open', 'full', 'failed', 'unreachable'] as const) {
    yield sample('hawser_log_status', { status }, Number(log.status.kind === status))
  }
  const classes = new Set([log.durability, ...(log.memoryFilters.length > 0 ? (['memory'] as const) : [])])
  for (const of of classes) yield sample('hawser_log_durability', { class: of }, 1)
  yield sample('hawser_log_bytes', {}, log.bytes)
  if (log.fsyncLatencyMs !== null) {
    yield sample('hawser_log_fsync_latency_ms', { quantile: '0.5' }, log.fsyncLatencyMs.p50)
    yield sample('hawser_log_fsync_latency_ms', { quantile: '0.99' }, log.fsyncLatencyMs.p99)
  }
  for (const { partition, start, end } of log.partitions) {
    yield sample('hawser_log_partition_start', { partition: String(partition) }, start)
    yield sample('hawser_log_partition_end', { partition: String(partition) }, end)
  }
}

function* recordSamples({ records }: LogSnapshot): Iterable<MetricSample> {
  yield sample('hawser_log_records_appended_total', {}, records.appended)
  yield sample('hawser_log_records_committed_total', {}, records.committed)
}

function* connectorSamples(connector: ConnectorSnapshot) {
  const { name, state, lag, written, duplicates, deadLetters, dropped, lost, rules } = connector
  const labels = { connector: name }
  for (const each of connectorStates) {
    yield sample('hawser_connector_state', { connector: name, state: each }, Number(state === each))
  }
  yield sample('hawser_connector_lag_messages', labels, lag.messages)
  if (lag.bytes !== null) yield sample('hawser_connector_lag_bytes', labels, lag.bytes)
  if (lag.seconds !== null) yield sample('hawser_connector_lag_seconds', labels, lag.seconds)
  yield sample('hawser_connector_lag_share', labels, lag.share)
  yield sample('hawser_connector_written_total', labels, written)
  yield sample('hawser_connector_duplicates_total', labels, duplicates)
  yield sample('hawser_connector_dead_letters_total', labels, deadLetters)
  yield sample('hawser_connector_dropped_total', labels, dropped)
  yield sample('hawser_connector_lost_total', labels, lost)
  for (const rule of rules) {
    for (const outcome of ['matched', 'dropped', 'failed'] as const) {
      yield sample('hawser_connector_rule_total', { connector: name, rule: rule.name, outcome }, rule[outcome])
    }
  }
  yield* statisticsSamples(connector)
}

function* statisticsSamples({ name, statistics }: ConnectorSnapshot): Iterable<MetricSample> {
  const { bytes, batches, retries, errors } = statistics
  const labels = { connector: name }
  yield sample('hawser_connector_bytes_total', labels, bytes)
  yield sample('hawser_connector_retries_total', labels, retries)
  for (const [code, count] of Object.entries(errors)) {
    yield sample('hawser_connector_errors_total', { connector: name, code }, count)
  }
  if (batches === null) return
  yield sample('hawser_connector_batches_total', labels, batches.count)
  for (const [quantile, key] of [
    ['0.5', 'p50'],
    ['0.99', 'p99'],
  ] as const) {
    const of = { connector: name, quantile }
    yield sample('hawser_connector_batch_messages', of, batches.messages[key])
    yield sample('hawser_connector_batch_bytes', of, batches.bytes[key])
    yield sample('hawser_connector_batch_seconds', of, batches.ms[key] / 1000)
  }
}

function* machineSamples({ machines }: Snapshot): Iterable<MetricSample> {
  for (const category of stateCategories) {
    const count = machines.filter((machine) => machine.category === category).length
    yield sample('hawser_machines', { category }, count)
  }
}

function* ledgerSamples(ledger: Ledger): Iterable<MetricSample> {
  yield sample('hawser_ledger_acknowledged_total', {}, ledger.acknowledged)
  yield sample('hawser_ledger_recorded_total', {}, ledger.recorded)
  yield sample('hawser_ledger_delivered_total', {}, ledger.delivered)
  for (const [reason, count] of Object.entries(ledger.dropped)) {
    yield sample('hawser_ledger_dropped_total', { reason }, count)
  }
  if (ledger.missing !== null) yield sample('hawser_ledger_missing', {}, ledger.missing)
}

function* accountSamples({ intake, messages, messagesDropped, messagesInflight, imbalances }: Figures) {
  for (const [qos, outcomes] of Object.entries(intake)) {
    for (const [outcome, count] of Object.entries(outcomes)) {
      yield sample('hawser_broker_intake_total', { qos, outcome }, count)
    }
  }
  for (const [of, events] of Object.entries(messages)) {
    for (const [event, count] of Object.entries(events)) {
      yield sample('hawser_broker_messages_total', { class: of, event }, count)
    }
  }
  for (const [of, reasons] of Object.entries(messagesDropped)) {
    for (const [reason, count] of Object.entries(reasons)) {
      yield sample('hawser_broker_messages_dropped_total', { class: of, reason }, count)
    }
  }
  for (const [of, count] of Object.entries(messagesInflight)) {
    yield sample('hawser_broker_messages_inflight', { class: of }, count)
  }
  yield sample('hawser_broker_imbalances', {}, imbalances)
}

function* figureSamples(figures: Figures) {
  const { reasonsSent, reasonsReceived, authentications, refusals, limits, latencies } = figures
  yield* accountSamples(figures)
  for (const { packet, reason, count } of reasonsSent) {
    yield sample('hawser_broker_reason_codes_sent_total', { packet, reason }, count)
  }
  for (const { packet, reason, count } of reasonsReceived) {
    yield sample('hawser_broker_reason_codes_received_total', { packet, reason }, count)
  }
  for (const [reason, count] of Object.entries(refusals)) {
    yield sample('hawser_broker_refusals_total', { reason }, count)
  }
  for (const [result, count] of Object.entries(authentications)) {
    yield sample('hawser_broker_authentications_total', { result }, count)
  }
  for (const [limit, value] of Object.entries(limits)) yield sample('hawser_broker_limit', { limit }, value)
  for (const [step, value] of Object.entries(latencies)) yield sample('hawser_broker_latency_seconds', { step }, value)
}
