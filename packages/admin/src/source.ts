/**
 * The port that the console reads a running Hawser through. The composition root implements it over broker, log,
 * connectors and supervisor; the console knows none of them.
 */
import type { Ban, BanCommand, BanTarget, ReloadReport } from './model/ban.ts'
import type { ClientPage, ClientQuery } from './model/client.ts'
import type { MachineHistoryQuery, PublishCommand, PublishReceipt } from './model/command.ts'
import type { DeadLetterView, DryMessageView, ReplayReport, SeekCommand } from './model/connector.ts'
import type { MachineHistory } from './model/machine.ts'
import type { Snapshot } from './model/snapshot.ts'
import type { TopicPage, TopicQuery } from './model/topic.ts'
import type { TraceCommand, TracePage, TraceStarted } from './model/trace.ts'
import type { WorkerView } from './model/worker.ts'

export interface HawserSource {
  /**
   * Of all processes that serve clients, their figures summed. Called once a second and for each request: it must be
   * cheap. Rejects while the state cannot be had.
   */
  snapshot(): Promise<Snapshot>
  /** Each of them, the one that answers first. Asked for by each scrape of the metrics. Rejects as `snapshot` does. */
  workers(): Promise<readonly WorkerView[]>
  /** Ordered by client id, so that pages do not shift. */
  clients(query: ClientQuery): Promise<ClientPage>
  /** Ordered by topic name. */
  topics(query: TopicQuery): Promise<TopicPage>
  /** Undefined where the machine is not known. */
  machineHistory(query: MachineHistoryQuery): Promise<MachineHistory | undefined>

  /** Resolves once the broker would acknowledge it. */
  publish(command: PublishCommand): Promise<PublishReceipt>
  /** Disconnects a client; false where it is not connected. */
  kick(clientId: string): Promise<boolean>
  bans(): Promise<readonly Ban[]>
  ban(command: BanCommand): Promise<Ban>
  /** False where there was none. */
  unban(target: BanTarget): Promise<boolean>
  /** Rejects with `CONFIG_INVALID` where the new configuration is bad: the old one stays in force. */
  reload(): Promise<ReloadReport>
  /** False where no connector bears the name. Pausing a paused one is no error; so with the other. */
  pauseConnector(name: string): Promise<boolean>
  resumeConnector(name: string): Promise<boolean>
  /** As for pausing; rejects with `POSITION_GONE` or `USAGE` where it cannot go there. */
  seekConnector(name: string, command: SeekCommand): Promise<boolean>
  /** Undefined where no connector bears the name; rejects (retryable) while its sink is not open. */
  deadLetters(name: string, limit: number): Promise<readonly DeadLetterView[] | undefined>
  dryRunConnector(name: string, limit: number): Promise<readonly DryMessageView[] | undefined>
  replayDeadLetters(name: string): Promise<ReplayReport | undefined>
  startTrace(command: TraceCommand): Promise<TraceStarted>
  /** Undefined where no trace has the id. */
  readTrace(id: string, after: number): Promise<TracePage | undefined>
  /** False where no trace has the id. */
  stopTrace(id: string): Promise<boolean>
  /** Lets nobody in any more, sends the clients of this node away at a pace, and then stops it. Resolves at once. */
  drain(rate: number): Promise<void>
  /** Begins the graceful stop and resolves before it is over, so that the answer still gets out. */
  stop(): Promise<void>
}
