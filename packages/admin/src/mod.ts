export {
  api,
  bearerProtocolPrefix,
  liveFeedPath,
  liveFeedProtocol,
  metricsPath,
  openApiPath,
  type Route,
  type RouteCall,
  type RouteInput,
  type RouteOutput,
} from './api.ts'
export { AdminClient, type AdminClientOptions } from './client.ts'
export { type ApiErrorBody, type ApiErrorCode, apiErrorCodes, apiErrorSchema } from './errors.ts'
export { type MetricDefinition, type MetricLabels, type MetricName, metrics, workerLabel } from './metrics.ts'
export {
  type Ban,
  type BanCommand,
  type BanTarget,
  banCommandSchema,
  banTargetSchema,
  type ReloadReport,
} from './model/ban.ts'
export { type Broker, type BrokerQueue, brokerSchema, type CountByQos, type Listener } from './model/broker.ts'
export { type Client, type ClientPage, type ClientQuery, clientPageSchema } from './model/client.ts'
export {
  type KickCommand,
  type MachineHistoryQuery,
  type PublishCommand,
  type PublishReceipt,
  publishCommandSchema,
} from './model/command.ts'
export {
  type ConnectorSnapshot,
  type ConnectorState,
  connectorStates,
  type DeadLetterView,
  type DryMessageView,
  deadLettersMax,
  dryRunCharactersMax,
  dryRunMax,
  type ReplayReport,
  type SeekCommand,
} from './model/connector.ts'
export type { Figures, HistogramFigure, ReasonFigure } from './model/figures.ts'
export type { Brokers, Health, HealthCheck, Liveness, TcpCheck } from './model/health.ts'
export {
  type History,
  type HistoryPoint,
  type LiveFrame,
  type LiveMessage,
  liveMessageSchema,
  type Rates,
} from './model/live.ts'
export type { LogPartition, LogSnapshot } from './model/log.ts'
export {
  type Alarm,
  type KpiWindow,
  type Machine,
  type MachineHistory,
  type StateCategory,
  type StateSegment,
  stateCategories,
} from './model/machine.ts'
export { pageItemsMax } from './model/page.ts'
export { type Part, type PartState, partStates } from './model/part.ts'
export {
  type Ledger,
  type Snapshot,
  snapshotAlarmsMax,
  snapshotMachinesMax,
  snapshotSchema,
} from './model/snapshot.ts'
export {
  type Topic,
  type TopicPage,
  type TopicQuery,
  topicPreviewCharactersMax,
  topicRecentValuesMax,
} from './model/topic.ts'
export {
  type TraceCommand,
  type TraceEventShown,
  type TracePage,
  type TraceStarted,
  traceEventsMax,
} from './model/trace.ts'
export type { WorkerView } from './model/worker.ts'
export { openApiDocument } from './openapi.ts'
export type { HawserSource } from './source.ts'
