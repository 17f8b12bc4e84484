/** What the console sees of this Hawser and tells it: the port of `@hawser/admin` over broker, log and connectors. */
import type {
  Alarm,
  Ban,
  BanCommand,
  BanTarget,
  ClientPage,
  ClientQuery,
  DeadLetterView,
  DryMessageView,
  HawserSource,
  LogSnapshot,
  Machine,
  MachineHistory,
  MachineHistoryQuery,
  Part,
  PublishCommand,
  PublishReceipt,
  ReloadReport,
  ReplayReport,
  SeekCommand,
  Snapshot,
  TopicPage,
  TopicQuery,
  TraceCommand,
  TracePage,
  TraceStarted,
  WorkerView,
} from '@hawser/admin'
import type { Broker, Ban as BrokerBan, BrokerStats } from '@hawser/broker'
import type { LogStatus, Partition } from '@hawser/engine'
import type { Clock, Random } from '@hawser/std'
import { type Configuration, durabilityOf } from '../../config/configuration.ts'
import type { Engine } from '../engine.ts'
import { brokerSnapshot, clientSnapshot, figuresOf } from './broker-snapshot.ts'
import { ConnectorDesk } from './connector-desk.ts'
import type { WatchedConnector } from './connector-snapshot.ts'
import { TraceDesk } from './trace-desk.ts'

/** Machines as the KPI connector knows them. */
export interface MachineView {
  machines(): Promise<readonly Machine[]>
  alarms(): Promise<readonly Alarm[]>
  history(query: MachineHistoryQuery): Promise<MachineHistory | undefined>
}

/** Topics with their last values, as a tap has seen them. */
export interface TopicView {
  page(query: TopicQuery): TopicPage
}

export interface SourceParts {
  /** Of this process among those that serve clients. */
  readonly id: string
  readonly configuration: Configuration
  readonly version: string
  readonly engine: Engine
  readonly broker: Broker
  readonly connectors: readonly WatchedConnector[]
  readonly topics: TopicView
  readonly machines: MachineView
  readonly clock: Clock
  readonly random: Random
  readonly publishCommand: string
  readonly signal: AbortSignal
  parts(): readonly Part[]
  stopAll(): void
  reload(): Promise<ReloadReport>
}

/** What the schema of a snapshot allows; the rest is asked for by page. */
const bounds = { machines: 200, alarms: 50 }

export class LocalSource implements HawserSource, Disposable {
  readonly #parts: SourceParts
  readonly #traces: TraceDesk
  readonly #connectors: ConnectorDesk
  #isDraining = false

  constructor(parts: SourceParts) {
    this.#parts = parts
    this.#connectors = new ConnectorDesk(parts.connectors)
    this.#traces = new TraceDesk(parts.broker, parts.clock, parts.random)
  }

  [Symbol.dispose](): void {
    this.#traces[Symbol.dispose]()
  }

  async snapshot(): Promise<Snapshot> {
    const { configuration, version, broker, connectors, machines, parts, signal, publishCommand } = this.#parts
    const stats = broker.stats()
    const [allMachines, alarms] = await Promise.all([machines.machines(), machines.alarms()])
    const connectorSnapshots = connectors.map((connector) => connector.snapshot())
    const { counters } = stats
    const written = connectorSnapshots.reduce((total, connector) => total + connector.written, 0)
    return {
      atMs: this.#nowMs(),
      broker: brokerSnapshot({
        id: this.#parts.id,
        stats,
        limits: stats.limits,
        version,
        draining: this.#isDraining || signal.aborted,
        connectionsByListener: this.#connectionsByListener(),
      }),
      log: this.#log(stats),
      connectors: connectorSnapshots,
      parts: [...parts()],
      machines: allMachines.slice(0, bounds.machines),
      machinesTotal: allMachines.length,
      alarms: alarms.slice(0, bounds.alarms),
      ledger: {
        acknowledged: counters.publishesAcknowledged,
        recorded: counters.recordsCommitted,
        delivered: counters.publishesSent[0] + counters.deliveriesAcknowledged + written,
        dropped: { ...counters.dropped },
        missing: stats.missing,
      },
      hints: { publishCommand, dataFolder: configuration.dataDir },
    }
  }

  async workers(): Promise<readonly WorkerView[]> {
    const { broker, log, ledger } = await this.snapshot()
    return [{ broker, log, ledger, figures: figuresOf(this.#parts.broker.stats()) }]
  }

  async clients({ search, offset, limit }: ClientQuery): Promise<ClientPage> {
    const all = [...this.#parts.broker.clients()]
    const matching = all
      .filter(({ clientId, username, address }) =>
        [clientId, username ?? '', address].some((text) => text.includes(search)),
      )
      .sort((a, b) => (a.clientId < b.clientId ? -1 : 1))
    const nowMs = this.#nowMs()
    const items = matching.slice(offset, offset + limit).map((info) => clientSnapshot(info, nowMs))
    return { total: all.length, matching: matching.length, items }
  }

  async topics(query: TopicQuery): Promise<TopicPage> {
    return this.#parts.topics.page(query)
  }

  machineHistory(query: MachineHistoryQuery): Promise<MachineHistory | undefined> {
    return this.#parts.machines.history(query)
  }

  async publish({ topic, payload, encoding, qos, retain }: PublishCommand): Promise<PublishReceipt> {
    const accepted = await this.#parts.broker.publish({ topic, payload: Buffer.from(payload, encoding), qos, retain })
    return { recorded: accepted && qos > 0 }
  }

  async kick(clientId: string): Promise<boolean> {
    return this.#parts.broker.kick(clientId)
  }

  async startTrace(command: TraceCommand): Promise<TraceStarted> {
    return this.#traces.start(command)
  }

  async readTrace(id: string, after: number): Promise<TracePage | undefined> {
    return this.#traces.read(id, after)
  }

  async stopTrace(id: string): Promise<boolean> {
    return this.#traces.stop(id)
  }

  async bans(): Promise<readonly Ban[]> {
    return this.#parts.broker.bans.list().map(shownBan)
  }

  async ban({ kind, value, reason, seconds }: BanCommand): Promise<Ban> {
    const span = seconds === undefined ? {} : { seconds }
    return shownBan(await this.#parts.broker.bans.add({ kind, value, reason, ...span }))
  }

  unban(target: BanTarget): Promise<boolean> {
    return this.#parts.broker.bans.remove(target)
  }

  reload(): Promise<ReloadReport> {
    return this.#parts.reload()
  }

  async pauseConnector(name: string): Promise<boolean> {
    return this.#connectors.pause(name)
  }

  async resumeConnector(name: string): Promise<boolean> {
    return this.#connectors.resume(name)
  }

  seekConnector(name: string, command: SeekCommand): Promise<boolean> {
    return this.#connectors.seek(name, command)
  }

  deadLetters(name: string, limit: number): Promise<readonly DeadLetterView[] | undefined> {
    return this.#connectors.deadLetters(name, limit)
  }

  dryRunConnector(name: string, limit: number): Promise<readonly DryMessageView[] | undefined> {
    return this.#connectors.dryRun(name, limit)
  }

  replayDeadLetters(name: string): Promise<ReplayReport | undefined> {
    return this.#connectors.replay(name)
  }

  async drain(rate: number): Promise<void> {
    this.#isDraining = true
    void this.#parts.broker.drain(rate).then(() => this.#parts.stopAll())
  }

  async stop(): Promise<void> {
    this.#parts.stopAll()
  }

  #log({ counters, diskLow }: Pick<BrokerStats, 'counters' | 'diskLow'>): LogSnapshot {
    const { engine, configuration } = this.#parts
    const { id, status } = engine.log
    const partitions = engine.log.partitions()
    return {
      id,
      path: engine.path,
      durability: durabilityOf(configuration),
      memoryFilters: [...configuration.log.memoryFilters],
      status: statusOf(status, diskLow, engine.members?.unreachable() ?? []),
      bytes: partitions.reduce((total, { bytes }) => total + bytes, 0),
      records: { appended: counters.recordsAppended, committed: counters.recordsCommitted },
      fsyncLatencyMs: null,
      partitions: partitions.map(({ partition, start, end, bytes }) => ({ partition, start, end, bytes })),
    }
  }

  #connectionsByListener(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { listener } of this.#parts.broker.clients()) counts.set(listener, (counts.get(listener) ?? 0) + 1)
    return counts
  }

  #nowMs(): number {
    return Math.round(this.#parts.clock.wallMicros() / 1000)
  }
}

const shownBan = ({ expiresAtMs, ...ban }: BrokerBan): Ban => ({ ...ban, expiresAtMs: expiresAtMs ?? null })

/** A disk that is nearly full takes no publishes either. */
function statusOf(status: LogStatus, diskLow: boolean, unreachable: readonly Partition[]): LogSnapshot['status'] {
  if (status.kind !== 'open') return { kind: status.kind, reason: status.error.line }
  if (unreachable.length > 0) {
    const which =
      unreachable.length === 1 ? `partition ${unreachable[0]} is` : `partitions ${unreachable.join(', ')} are`
    return { kind: 'unreachable', reason: `${which} of a process that is silent and cannot be ended` }
  }
  return diskLow ? { kind: 'full', reason: 'the disk is nearly full: publishes are refused' } : { kind: 'open' }
}
