/** What the console sees where several processes serve clients: this one's source, and what the others answer. */
import type {
  BanCommand,
  BanTarget,
  ClientPage,
  ClientQuery,
  HawserSource,
  MachineHistoryQuery,
  PublishCommand,
  ReloadReport,
  SeekCommand,
  Snapshot,
  TopicQuery,
  TraceCommand,
  WorkerView,
} from '@hawser/admin'
import type { Bus } from '@hawser/engine'
import type { Clock } from '@hawser/std'
import { AdminQuestions, type Question } from './admin-questions.ts'
import { sumOfBrokers, sumOfLedgers, sumOfLogs } from './sums.ts'

/** Each process is asked for so many from the first one on, to find the page among those of all. */
export const clientsAskedMax = 10_000

/** Answers the others, too: every process has one, whether it shows a page or not. */
export class MembersSource implements HawserSource, Disposable {
  readonly #own: HawserSource & Disposable
  readonly #questions: AdminQuestions

  constructor(own: HawserSource & Disposable, bus: Bus, clock: Clock) {
    this.#own = own
    this.#questions = new AdminQuestions(bus, clock, (question) => this.#answer(question))
  }

  [Symbol.dispose](): void {
    this.#questions[Symbol.dispose]()
    this.#own[Symbol.dispose]()
  }

  async snapshot(): Promise<Snapshot> {
    const [own, views] = await Promise.all([this.#own.snapshot(), this.#views()])
    return { ...own, broker: sumOfBrokers(views), log: sumOfLogs(views), ledger: sumOfLedgers(views) }
  }

  workers(): Promise<readonly WorkerView[]> {
    return this.#views()
  }

  async clients({ search, offset, limit }: ClientQuery): Promise<ClientPage> {
    const query = { search, offset: 0, limit: Math.min(offset + limit, clientsAskedMax) }
    const [own, others] = await Promise.all([this.#own.clients(query), this.#questions.ask({ kind: 'clients', query })])
    const pages = [own, ...others]
    const sum = (of: (page: ClientPage) => number): number => pages.reduce((total, page) => total + of(page), 0)
    const found = pages.flatMap(({ items }) => items).sort((a, b) => (a.clientId < b.clientId ? -1 : 1))
    return {
      total: sum(({ total }) => total),
      matching: sum(({ matching }) => matching),
      items: found.slice(offset, offset + limit),
    }
  }

  async kick(clientId: string): Promise<boolean> {
    if (await this.#own.kick(clientId)) return true
    return (await this.#questions.ask({ kind: 'kick', clientId })).includes(true)
  }

  /** This one first: what is bad for it is told to nobody else. */
  async reload(): Promise<ReloadReport> {
    const own = await this.#own.reload()
    const others = await this.#questions.ask({ kind: 'reload' })
    return { ...own, faults: [...new Set([...own.faults, ...others.flatMap(({ faults }) => faults)])] }
  }

  topics = (query: TopicQuery) => this.#own.topics(query)
  machineHistory = (query: MachineHistoryQuery) => this.#own.machineHistory(query)
  publish = (command: PublishCommand) => this.#own.publish(command)
  bans = () => this.#own.bans()
  ban = (command: BanCommand) => this.#own.ban(command)
  unban = (target: BanTarget) => this.#own.unban(target)
  pauseConnector = (name: string) => this.#own.pauseConnector(name)
  resumeConnector = (name: string) => this.#own.resumeConnector(name)
  seekConnector = (name: string, command: SeekCommand) => this.#own.seekConnector(name, command)
  deadLetters = (name: string, limit: number) => this.#own.deadLetters(name, limit)
  dryRunConnector = (name: string, limit: number) => this.#own.dryRunConnector(name, limit)
  replayDeadLetters = (name: string) => this.#own.replayDeadLetters(name)
  startTrace = (command: TraceCommand) => this.#own.startTrace(command)
  readTrace = (id: string, after: number) => this.#own.readTrace(id, after)
  stopTrace = (id: string) => this.#own.stopTrace(id)
  drain = (rate: number) => this.#own.drain(rate)
  stop = () => this.#own.stop()

  async #views(): Promise<readonly [WorkerView, ...WorkerView[]]> {
    const [own, others] = await Promise.all([this.#view(), this.#questions.ask({ kind: 'view' })])
    return [own, ...others.toSorted((a, b) => (a.broker.id < b.broker.id ? -1 : 1))]
  }

  async #view(): Promise<WorkerView> {
    const [view] = await this.#own.workers()
    if (view === undefined) throw new Error('a source without a worker')
    return view
  }

  #answer(question: Question) {
    switch (question.kind) {
      case 'view':
        return this.#view()
      case 'clients':
        return this.#own.clients(question.query)
      case 'kick':
        return this.#own.kick(question.clientId)
      case 'reload':
        return this.#own.reload()
      default:
        throw question satisfies never
    }
  }
}
