/** A source with moving numbers, for tests of the console and to look at its page without a broker. */
import type {
  Ban,
  BanCommand,
  BanTarget,
  ClientPage,
  ClientQuery,
  ConnectorSnapshot,
  DeadLetterView,
  DryMessageView,
  Figures,
  HawserSource,
  MachineHistory,
  MachineHistoryQuery,
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
import { type Clock, HawserError, type Random, seededRandom } from '@hawser/std'
import { demoClients, demoTopics } from './demo-lists.ts'
import { DemoMachine } from './demo-machine.ts'
import { DemoConnector, type DemoTotals, demoSnapshot } from './demo-snapshot.ts'

export interface DemoSourceOptions {
  readonly clock: Clock
  readonly seed?: number
  readonly machines?: number
  /** Seconds that seem to have passed before the start. */
  readonly pastSeconds?: number
}

export class DemoSource implements HawserSource {
  /** What it was told, in order. */
  readonly commands: string[] = []
  readonly machines: readonly DemoMachine[]
  readonly connectors: readonly DemoConnector[]
  /** While set, nothing can be read, as if the broker's process were gone. */
  failure: string | undefined
  /** Names of processes that seem to serve clients beside it. */
  otherWorkers: readonly string[] = []
  /** What the broker seems to listen on. */
  mqttPort = 1883
  readonly #options: DemoSourceOptions
  readonly #random: Random
  readonly #startedAtMs: number
  readonly #totals: DemoTotals = { received: 0, sent: 0, bytes: 0, duplicates: 0 }
  readonly #bans: Ban[] = []
  #atMs: number

  constructor(options: DemoSourceOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed ?? 7)
    const nowMs = this.#nowMs()
    this.#atMs = nowMs - (options.pastSeconds ?? 0) * 1000
    this.#startedAtMs = this.#atMs
    this.machines = Array.from({ length: options.machines ?? 5 }, (_, index) => {
      const id = `MACHINE_${String(index + 1).padStart(3, '0')}`
      return new DemoMachine(id, seededRandom((options.seed ?? 7) * 100 + index), this.#atMs)
    })
    this.connectors = [
      new DemoConnector('postgres', 'postgres', 'embedded database'),
      new DemoConnector('logger', 'file', 'logs/messages.ndjson'),
    ]
    this.#catchUp()
  }

  async snapshot(): Promise<Snapshot> {
    this.#check()
    this.#catchUp()
    return demoSnapshot({
      atMs: this.#atMs,
      startedAtMs: this.#startedAtMs,
      mqttPort: this.mqttPort,
      machines: this.machines,
      connectors: this.connectors,
      totals: this.#totals,
    })
  }

  async workers(): Promise<readonly WorkerView[]> {
    const { broker, log, ledger } = await this.snapshot()
    const figures: Figures = {
      reasonsSent: [{ packet: 'connack', reason: 'notAuthorized', count: 3 }],
      reasonsReceived: [{ packet: 'disconnect', reason: 'normalDisconnection', count: 5 }],
      authentications: { accepted: 7, 'bad-credentials': 3 },
      refusals: { banned: 2 },
      intake: { '0': { taken: 9, hook: 1 } },
      messages: { disk: { appended: 7, committed: 6 } },
      messagesDropped: { disk: { expired: 1 } },
      messagesInflight: { disk: 2 },
      imbalances: 0,
      limits: { connections_max: 100_000 },
      latencies: { commit: { buckets: [{ secondsMax: 0.001, count: 2 }], count: 3, sumSeconds: 0.5 } },
    }
    return [broker.id, ...this.otherWorkers].map((id) => ({ broker: { ...broker, id }, log, ledger, figures }))
  }

  async clients(query: ClientQuery): Promise<ClientPage> {
    this.#check()
    return demoClients(query, this.#startedAtMs, this.#totals.received)
  }

  async topics(query: TopicQuery): Promise<TopicPage> {
    this.#check()
    this.#catchUp()
    return demoTopics(query, this.#atMs, this.machines)
  }

  async machineHistory({ machine, windows }: MachineHistoryQuery): Promise<MachineHistory | undefined> {
    this.#check()
    return this.machines.find(({ id }) => id === machine)?.history(windows)
  }

  async publish(command: PublishCommand): Promise<PublishReceipt> {
    this.commands.push(`publish ${command.topic} ${command.payload}`)
    this.#totals.received++
    return { recorded: command.qos > 0 }
  }

  async kick(clientId: string): Promise<boolean> {
    this.commands.push(`kick ${clientId}`)
    return clientId.startsWith('machine-')
  }

  async startTrace({ clientId }: TraceCommand): Promise<TraceStarted> {
    this.commands.push(`trace ${clientId ?? ''}`)
    return { id: 'demo', endsAtMs: this.#nowMs() }
  }

  async readTrace(id: string): Promise<TracePage | undefined> {
    return id === 'demo' ? { events: [], next: 0, dropped: 0, running: false } : undefined
  }

  async stopTrace(id: string): Promise<boolean> {
    this.commands.push(`stop trace ${id}`)
    return id === 'demo'
  }

  async bans(): Promise<readonly Ban[]> {
    return this.#bans
  }

  async ban({ kind, value, reason, seconds }: BanCommand): Promise<Ban> {
    this.commands.push(`ban ${kind} ${value}`)
    const createdAtMs = this.#nowMs()
    const expiresAtMs = seconds === undefined ? null : createdAtMs + seconds * 1000
    const ban = { kind, value, reason, by: 'operator', createdAtMs, expiresAtMs } as const
    this.#bans.push(ban)
    return ban
  }

  async unban({ kind, value }: BanTarget): Promise<boolean> {
    this.commands.push(`unban ${kind} ${value}`)
    return this.#bans.some((ban) => ban.kind === kind && ban.value === value)
  }

  async reload(): Promise<ReloadReport> {
    this.commands.push('reload')
    if (this.failure !== undefined) throw new HawserError('CONFIG_INVALID', this.failure, { mend: 'mend it' })
    return { changed: ['limits.connections_max'], needsRestart: [], faults: [] }
  }

  async pauseConnector(name: string): Promise<boolean> {
    return this.#setState(name, 'paused')
  }

  async resumeConnector(name: string): Promise<boolean> {
    return this.#setState(name, 'running')
  }

  async seekConnector(name: string, { to, time }: SeekCommand): Promise<boolean> {
    this.commands.push(`seek ${name} ${to ?? time ?? 'positions'}`)
    if (time !== undefined) throw new HawserError('POSITION_GONE', 'the log has no such place')
    return this.connectors.some((connector) => connector.name === name)
  }

  async deadLetters(name: string, limit: number): Promise<readonly DeadLetterView[] | undefined> {
    if (!this.connectors.some((connector) => connector.name === name)) return undefined
    return [{ eventId: 'log-7f3a/0/17', topic: 'factory/line', reason: 'too-large' }].slice(0, limit)
  }

  async dryRunConnector(name: string, limit: number): Promise<readonly DryMessageView[] | undefined> {
    if (!this.connectors.some((connector) => connector.name === name)) return undefined
    const message = { eventId: 'log-7f3a/0/18', topic: 'factory/line', payload: '{"v":1}', payloadBytes: 7 }
    return [{ ...message, outcome: 'passed' as const, rule: 'alarms', route: 'hot', reason: null }].slice(0, limit)
  }

  async replayDeadLetters(name: string): Promise<ReplayReport | undefined> {
    this.commands.push(`replay ${name}`)
    if (!this.connectors.some((connector) => connector.name === name)) return undefined
    return { written: 1, refused: 0, gone: 0 }
  }

  async drain(rate: number): Promise<void> {
    this.commands.push(`drain ${rate}`)
  }

  async stop(): Promise<void> {
    this.commands.push('stop')
  }

  #setState(name: string, state: ConnectorSnapshot['state']): boolean {
    this.commands.push(`${state} ${name}`)
    const found = this.connectors.find((connector) => connector.name === name)
    if (found !== undefined) found.state = state
    return found !== undefined
  }

  #check(): void {
    if (this.failure === undefined) return
    throw new HawserError('BROKER_UNREACHABLE', this.failure, { retryable: true })
  }

  #catchUp(): void {
    for (const nowMs = this.#nowMs(); this.#atMs + 1000 <= nowMs; ) this.#step()
  }

  #step(): void {
    this.#atMs += 1000
    const wave = 1 + 0.35 * Math.sin(this.#atMs / 40_000)
    const received = Math.max(0, Math.round(this.#random.gaussian(1240 * wave, 60)))
    this.#totals.received += received
    this.#totals.sent += received * 2 + this.#random.integer(40)
    this.#totals.bytes += received * 214
    for (const machine of this.machines) machine.step(this.#atMs)
    for (const connector of this.connectors) connector.step(received, this.#random)
  }

  #nowMs(): number {
    return Math.floor(this.#options.clock.wallMicros() / 1000)
  }
}
