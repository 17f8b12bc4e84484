export {
  type Checkpoint,
  type Connector,
  type DeadLetter,
  type DeadLetters,
  eventId,
  type Message,
  type MessageBatch,
  type RuleFigures,
  type Sink,
  type WriteOutcome,
} from './connector.ts'
export type { DryMessage, DryRun } from './runner/dry-run.ts'
export { defaultRunnerLimits, type RunnerLimits } from './runner/limits.ts'
export type { ReplayOutcome } from './runner/replay.ts'
export { type ConnectorRun, type RunConnectorOptions, runConnector } from './runner/run-connector.ts'
export type { SeekTarget } from './runner/seek.ts'
export { lowestFloor } from './runner/sink-cursor.ts'
export type { ConnectorStatistics } from './runner/statistics/statistics.ts'
export type { ConnectorState, ConnectorView, Lag } from './runner/view.ts'
export { type LogEntrance, openLogEntrance } from './source/log-entrance.ts'
export type { PublishToLog } from './source/log-intake.ts'
export {
  defaultSourceLimits,
  type RunSourceOptions,
  runSource,
  type SourceLimits,
  type SourceRun,
} from './source/run-source.ts'
export type { Incoming, Intake, Source, SourceRunContext, Taken } from './source/source.ts'
