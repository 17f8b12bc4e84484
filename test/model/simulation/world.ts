/** The cluster and its clients: carries out what a history says, and holds it against the ledger. */
import { createSimulatedHost, type SimulatedHost } from '@hawser/engine/simulated'
import { type Random, seededRandom } from '@hawser/std'
import type { ClientProfile, History, HistoryEvent } from '../history.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type Checked, checkBalances, checkBounds, checkDrops, checkStats, narrowLimits } from './checks.ts'
import { Client } from './client.ts'
import type { Interference } from './interference.ts'
import { Link } from './link.ts'
import { Process } from './process.ts'
import { Scheduler } from './scheduler.ts'

const wallMicrosAtStart = 1_700_000_000_000_000
/** More than this without an end is a loop of the broker's. */
const tasksMax = 50_000
/** A broker may go on by itself some turns later. */
const idleTurnsMin = 4
const tickMs = 1_000
/** Hosts were booted at times of their own. */
const hostAgeMs = 1_000_000
/** Who is silent for so long is taken for dead by who is not, where nobody can end it. */
const leaseMs = 3_000
/** Longer than wills are delayed, sessions rest and a checkpoint takes. */
const longMs = 12_000

const observerProfile = { version: 5, expirySeconds: 100_000, receiveMaximum: 65_535, willDelaySeconds: 0 } as const

export class World {
  readonly ledger: Ledger
  readonly scheduler: Scheduler
  readonly clients: readonly Client[]
  readonly #history: History
  readonly #random: Random
  readonly #host: SimulatedHost
  readonly #interference: Interference
  readonly #nodes: (Process | undefined)[]
  readonly #observer: Client
  #nowMs = 0
  #wallOffsetMs = 0
  #boots = 0
  #bootedAtMs = 0
  #connections = 0
  #starts = 0
  #crashes = 0
  #diskIsFull = false

  constructor(history: History, ledger: Ledger, interference: Interference) {
    this.#history = history
    this.ledger = ledger
    this.#interference = interference
    this.#random = seededRandom(history.seed ^ 0x5eed)
    this.scheduler = new Scheduler(seededRandom(history.seed ^ 0x7a5c))
    this.#host = createSimulatedHost({
      random: seededRandom(history.seed ^ 0x4057),
      servers: history.servers,
      ...(interference.flaw && { flaw: interference.flaw }),
      schedule: ({ peer, kind }, run) => this.scheduler.add(`${kind} ${peer}`, run),
    })
    this.#nodes = Array.from({ length: history.nodes })
    this.clients = history.clients.map((profile, index) => this.#newClient(`c${index}`, profile))
    this.#observer = this.#newClient('observer', observerProfile)
  }

  async run(): Promise<void> {
    for (let node = 0; node < this.#nodes.length; node++) {
      this.#start(node)
      await this.#settle()
    }
    this.#connect(this.#observer, 0, false, false)
    await this.#settle()
    this.#observer.subscribe('will/#', 2)
    await this.#settle()
    for (const event of this.#history.events) {
      if (this.ledger.violations.length > 0) return
      this.ledger.trace?.(`== ${JSON.stringify(event)}`)
      await this.#take(event)
    }
    if (this.ledger.violations.length === 0) await this.#conclude()
  }

  async #take(event: HistoryEvent): Promise<void> {
    switch (event.kind) {
      case 'connect':
        return this.#connect(this.#client(event.client), event.node, event.clean, event.will)
      case 'disconnect':
        return this.#client(event.client).disconnect()
      case 'vanish':
        return this.#client(event.client).vanish(event.unnoticed)
      case 'subscribe':
        return this.#client(event.client).subscribe(event.filter, event.qos)
      case 'unsubscribe':
        return this.#client(event.client).unsubscribe(event.filter)
      case 'publish':
        for (let count = 0; count < event.count; count++) {
          this.#client(event.client).publish(event.topic, event.qos, event.retain, event.deletes)
        }
        return
      case 'owe':
        return this.#client(event.client).owe()
      case 'acknowledge':
        return this.#client(event.client).acknowledge()
      case 'stall':
      case 'read':
        return this.#client(event.client).stall(event.kind === 'stall')
      case 'crash':
        return this.#crash(event.node)
      case 'crash all':
        for (let node = 0; node < this.#nodes.length; node++) this.#crash(node)
        return this.#reboot()
      case 'freeze':
        return this.#nodes[event.node]?.freeze()
      case 'thaw':
        return this.#nodes[event.node]?.thaw()
      case 'cut':
        this.#crashes++
        return this.#nodes[event.node]?.cut()
      case 'mend':
        return this.#nodes[event.node]?.mend()
      case 'lose leader':
        return this.#host.loseLeader()
      case 'start':
        return this.#start(event.node)
      case 'restart':
        return this.#restart(event.node)
      case 'time':
        return this.#timePasses(event.ms)
      case 'wall':
        return this.#setWall(event.ms)
      case 'disk':
        this.#diskIsFull = event.full
        // What could not be written then may be told late.
        this.#forgetFarewells()
        return this.#host.setDiskFull(event.full)
      case 'tasks':
        for (let count = 0; count < event.count && (await this.scheduler.runOne()); count++);
        checkBalances(this.#checked)
        if (this.#history.narrow) checkBounds(this.#checked)
        return
      case 'settle':
        await this.#settle()
        return this.#check()
      default:
        throw event satisfies never
    }
  }

  get #checked(): Checked {
    return { ledger: this.ledger, nodes: this.#nodes }
  }

  #client(index: number): Client {
    return this.clients[index % this.clients.length] as Client
  }

  #newClient(name: string, profile: ClientProfile): Client {
    const { ledger } = this
    const { outgoing = (packet) => packet, incoming = (packet) => packet, early = () => undefined } = this.#interference
    const nowMs = (): number => this.#nowMs
    return new Client(name, profile, {
      ...{ ledger, outgoing, incoming, early, nowMs },
      nextConnection: () => ++this.#connections,
      lateConnects: this.#history.servers,
    })
  }

  #connect(client: Client, node: number, clean: boolean, will: boolean): void {
    const process = this.#nodes[node % this.#nodes.length]
    if (process?.up !== true) return
    const link = new Link({
      name: `${client.name}:${this.#connections + 1}`,
      acceptedAtMs: process.clock.monotonicMs(),
      broker: process,
      scheduler: this.scheduler,
      random: this.#random,
      nowMs: () => this.#nowMs,
    })
    process.links.add(link)
    client.connect(link, clean, will)
    link.open((transport) => process.accept(transport))
  }

  #start(node: number): void {
    const before = this.#nodes[node]
    if (before?.alive === true) return
    const { wiring, limits } = this.#interference
    const member = this.#host.start()
    const number = ++this.#starts
    this.#nodes[node] = new Process({
      member: wiring?.(member) ?? member,
      scheduler: this.scheduler,
      number,
      seed: this.#history.seed * 1_000 + number,
      limits: { ...(this.#history.narrow && narrowLimits), ...limits },
      monotonicMs: this.#nowMs - this.#bootedAtMs + (this.#history.servers ? node * hostAgeMs : 0),
      bootId: this.#history.servers ? `boot ${this.#boots} of ${node}` : `boot ${this.#boots}`,
      servers: this.#history.servers,
      wallMicros: wallMicrosAtStart + (this.#nowMs + this.#wallOffsetMs) * 1_000,
      clustered: this.#nodes.length > 1,
      onFault: (message, error) => this.#onFault(message, error),
    })
  }

  #crash(node: number): void {
    const process = this.#nodes[node]
    if (process?.alive !== true) return
    this.#crashes++
    process.crash()
    this.#forgetFarewells()
  }

  #forgetFarewells(): void {
    for (const client of [...this.clients, this.#observer]) client.forgetFarewells()
  }

  /** What the wall clock has jumped since nobody knows then: it must have stood right. */
  #reboot(): void {
    if (this.#wallOffsetMs !== 0) return
    this.#boots++
    this.#bootedAtMs = this.#nowMs
  }

  #restart(node: number): void {
    const process = this.#nodes[node]
    if (process?.up !== true || process.frozen) return
    process.stop().catch((error: unknown) => this.#onFault('stop', error))
  }

  async #timePasses(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= tickMs) {
      const stepMs = Math.min(leftMs, tickMs)
      this.#nowMs += stepMs
      for (const process of this.#nodes) if (process?.alive === true) process.timePasses(stepMs)
      this.#endLeases()
      for (let count = this.#random.integer(30); count > 0 && (await this.scheduler.runOne()); count--);
    }
  }

  #endLeases(): void {
    if (!this.#history.servers) return
    const others = this.#nodes.filter((process) => process?.up === true && process.silentMs === 0)
    if (others.length === 0) return
    for (const process of this.#nodes) {
      if (process?.alive !== true || process.silentMs < leaseMs) continue
      process.fence(this.#nowMs)
      this.#crashes++
      this.#forgetFarewells()
    }
  }

  #setWall(ms: number): void {
    // Nobody could tell it from time between two boots.
    if (!this.#nodes.some((process) => process?.up === true)) return
    this.#wallOffsetMs += ms
    for (const process of this.#nodes) if (process?.alive === true) process.clock.jumpWall(ms)
  }

  /** All that can happen without time does. */
  async #settle(): Promise<void> {
    let tasks = 0
    for (let idleTurns = 0; idleTurns < idleTurnsMin; ) {
      idleTurns = (await this.scheduler.runOne()) ? 0 : idleTurns + 1
      if (++tasks > tasksMax) return this.ledger.violate({ invariant: 7, what: 'the cluster never comes to rest' })
    }
  }

  /** With everybody at work and nothing under way, what must have arrived has. */
  #check(): void {
    const healthy =
      !this.#diskIsFull && this.#nodes.every((process) => process?.up === true && !process.frozen && !process.isCut)
    if (!healthy) return
    this.ledger.settled()
    const all = [...this.clients, this.#observer]
    for (const client of all) client.settleFarewells()
    // One whose output is full holds others back.
    const listening = all.filter(({ offline, attentive }) => offline || attentive)
    if (listening.length < all.length) return
    const standing = new Set(all.filter(({ connected }) => connected).map(({ connection }) => connection))
    const missing: string[] = []
    for (const client of all) {
      const { attentive, session } = client
      if (!attentive || session === undefined) continue
      this.ledger.checkComplete(session)
      client.checkComplete()
      missing.push(...this.ledger.missingAtQos0(session, standing))
    }
    if (this.#crashes === 0 && this.#starts <= this.#nodes.length) checkDrops(this.#checked, missing)
    checkBalances(this.#checked)
    checkStats(this.#checked)
  }

  /** Everything is mended, all come back and read: in the end nothing may be missing. */
  async #conclude(): Promise<void> {
    const { ledger } = this
    ledger.trace?.('== all is mended')
    this.#host.setDiskFull(false)
    this.#diskIsFull = false
    for (const process of this.#nodes) {
      if (process?.frozen === true) process.thaw()
      if (process?.isCut === true) process.mend()
    }
    await this.#settle()
    for (let node = 0; node < this.#nodes.length; node++) {
      this.#start(node)
      await this.#settle()
    }
    await this.#long()
    const all = [...this.clients, this.#observer]
    for (const client of all) {
      client.acknowledge()
      client.stall(false)
      if (client !== this.#observer || client.offline) {
        this.#connect(client, this.#random.integer(this.#nodes.length), false, false)
      }
      await this.#settle()
      if (!client.connected) ledger.violate({ invariant: 0, what: `${client.name} cannot connect any more` })
    }
    await this.#long()
    if (ledger.violations.length > 0) return
    this.#check()
    ledger.checkShared()
    for (const violation of ledger.wills.check()) ledger.violate(violation)
    await this.#checkRetained()
  }

  async #long(): Promise<void> {
    for (let passedMs = 0; passedMs < longMs; passedMs += tickMs) {
      await this.#timePasses(tickMs)
      await this.#settle()
    }
  }

  async #checkRetained(): Promise<void> {
    for (let node = 0; node < this.#nodes.length; node++) {
      const found = new Map<string, string>()
      const probe = this.#newClient(`probe${node}`, observerProfile)
      this.#connect(probe, node, true, false)
      await this.#settle()
      probe.onRetained = (topic, id) => found.set(topic, id)
      probe.subscribe('r/#', 1)
      await this.#settle()
      this.ledger.checkRetained(`node ${node}`, found)
    }
  }

  #onFault(message: string, error: unknown): void {
    // A full disk is told of, and is no fault of the broker's; nor that others have taken over what it had.
    const { code = '' } = error as { readonly code?: string }
    if (['DISK_FULL', 'NODE_FENCED'].includes(code)) return
    // So is a process that stands still: elsewhere it would be killed.
    if (message === 'subscriptions between processes') return
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.ledger.violate({ invariant: 0, what: `fault: ${message}: ${what}` })
  }
}
