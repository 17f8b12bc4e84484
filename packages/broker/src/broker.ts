/** One running broker: its connections, its doors, its once-a-second work, and the order of start and end. */
import type { Server } from 'node:net'
import { reasonCode } from '@hawser/codec'
import type { Cursor, Partition, Position } from '@hawser/engine'
import type { ClientId, SessionNumber } from '@hawser/std'
import { assemble } from './assemble.ts'
import { type Bans, bansOf } from './bans/enforce.ts'
import type { Adoptions } from './cluster/adoptions.ts'
import { SharedTraces } from './cluster/shared-traces.ts'
import type { CommittedDelivery } from './delivery/committed.ts'
import { Doors, type ReloadAnswer } from './doors.ts'
import { drain } from './drain.ts'
import type { BrokerEventListener } from './events.ts'
import { type LocalPublish, publishLocally, publishWill } from './inprocess/publish.ts'
import { type Subscription, type SubscriptionOptions, subscribeTo } from './inprocess/subscription.ts'
import type { Checkpoint } from './journal/checkpoint.ts'
import type { Deadlines } from './journal/deadlines.ts'
import { boundedFloor, lowestNeeded } from './journal/floor.ts'
import { FloorWindow } from './journal/floor-window.ts'
import { recover } from './journal/recovery.ts'
import { brokerTable, startsKey } from './journal/tables.ts'
import type { LimitsInForce } from './limits/limits-in-force.ts'
import type { BrokerStats, ClientInfo } from './observe.ts'
import type { Broker, BrokerChanges, BrokerOptions } from './options.ts'
import { rightsChanged } from './rights/rights-changed.ts'
import { mayPublishWill } from './rights/will-rights.ts'
import type { Tap } from './router/route.ts'
import type { Services } from './services.ts'
import { Connection } from './session/connection.ts'
import { sayFarewell } from './session/disconnect.ts'
import { duesOf } from './session/dues.ts'
import type { GroupFollower } from './shared/group-follower.ts'
import { clientInfo, statsOf } from './snapshot.ts'
import { clientEvents } from './system/client-events.ts'
import { SystemTopics } from './system/system-topics.ts'
import { checkConnection, Tick } from './tick.ts'
import { type TraceListener, type TraceSelection, Traces } from './trace/traces.ts'
import type { AttachOptions } from './transport/attached-door.ts'
import { ClosingTransports } from './transport/closing.ts'
import { servedHere } from './transport/origin.ts'
import type { Listener, Transport } from './transport/transport.ts'

const checkpointTicks = 5
const diskTicks = 2
const numbersPerStart = 2 ** 32
const version = '0.1.0'

export async function createBroker(options: BrokerOptions): Promise<Broker> {
  const broker = new RunningBroker(options)
  try {
    await broker.start()
  } catch (error) {
    await options.owns?.[Symbol.asyncDispose]()
    throw error
  }
  return broker
}

class RunningBroker implements Broker {
  readonly #options: BrokerOptions
  readonly #services: Services
  readonly #limits: LimitsInForce
  readonly #connections = new Set<Connection>()
  readonly #waitingForLog = new Set<Connection>()
  readonly #closing = new ClosingTransports()
  readonly #deadlines: Deadlines
  readonly #checkpoint: Checkpoint
  readonly #follower: GroupFollower
  readonly #adoptions: Adoptions | undefined
  readonly #floors: FloorWindow
  readonly #systemTopics: SystemTopics
  readonly #startedAtMicros: number
  readonly #startedAtMs: number
  readonly #resources = new AsyncDisposableStack()
  readonly #ending = new AbortController()
  readonly #sessionsFrom = { start: 0, count: 0 }
  readonly #doors: Doors
  readonly #traces: Pick<Traces, 'start'>
  readonly #ownTraces: Traces
  readonly bans: Bans
  #tick: Disposable | undefined
  #ticks = 0
  /** The work of an earlier tick goes on. */
  #working = false
  #end: Promise<void> | undefined

  constructor(options: BrokerOptions) {
    this.#options = options
    if (options.owns !== undefined) this.#resources.use(options.owns)
    const { clock } = options
    const assembled = assemble(options, {
      nextNumber: () => this.#nextNumber(),
      rulesOf: ({ listener, rules }) => this.#doors.all.find(({ name }) => name === listener)?.rules ?? rules,
      connectionCount: () => this.#connections.size,
      diskChanged: (low, freeBytes) => {
        for (const connection of this.#connections) connection.restrict()
        options.onDisk?.(low, freeBytes)
      },
      waitForLog: (connection) => this.#waitingForLog.add(connection),
      forget: (connection) => this.#forget(connection),
      gone: ({ transport }) => this.#closing.delete(transport),
    })
    this.#services = assembled.services
    this.#limits = assembled.limits
    this.#deadlines = assembled.deadlines
    this.#checkpoint = assembled.checkpoint
    this.#follower = assembled.follower
    this.#adoptions = assembled.adoptions
    const { counters, limits } = this.#services
    this.#doors = new Doors({
      clock,
      accept: (transport) => this.accept(transport),
      refused: (why) => counters.refusedAtDoor[why]++,
      limits,
      sharedPorts: options.sharedPorts ?? false,
      originAllowed: options.originAllowed ?? servedHere,
    })
    this.#systemTopics = new SystemTopics(this.#services, options.version ?? version, () => this.stats())
    this.#services.events.listen(clientEvents(this.#services))
    this.#ownTraces = new Traces(clock, this.#connections, this.#services.events)
    const { cluster } = this.#services
    this.#traces = cluster === undefined ? this.#ownTraces : new SharedTraces(cluster, this.#ownTraces)
    this.bans = bansOf(this.#services, this.#connections)
    this.#floors = new FloorWindow(clock)
    this.#startedAtMicros = clock.wallMicros()
    this.#startedAtMs = clock.monotonicMs()
  }

  get listeners(): readonly Listener[] {
    return this.#doors.all
  }

  async reload({ listeners, limits, protocol }: BrokerChanges): Promise<ReloadAnswer> {
    // The only part that can be bad comes first: then nothing has changed yet.
    const answer = listeners === undefined ? { changed: [], needsRestart: [] } : await this.#doors.reload(listeners)
    if (limits !== undefined) this.#limits.replace(limits)
    if (protocol !== undefined) this.#services.offers.replace(protocol)
    // What was found good before may be too long or too deep now.
    this.#services.router.forgetRoutes()
    for (const connection of this.#connections) connection.limitsChanged()
    return answer
  }

  async start(): Promise<void> {
    const { state, log, clock } = this.#options
    const { steady, access, retained, sessions, shared, journal, committed } = this.#services
    // What is committed from now on is heard, while what is older is being read.
    this.#resources.use(log.onCommit((batch) => this.#onCommit(batch)))
    await steady.start(state)
    this.#sessionsFrom.start = await this.#countStart()
    await this.#services.bans.load()
    await this.#services.disk.look()
    const recovered = await recover({
      ...{ log, state, steady, retained, follower: this.#follower },
      unread: (lane, next) => committed.unread(lane, next),
      alone: this.#options.members === undefined,
    })
    shared.restore(recovered.groups)
    sessions.offlineCount = recovered.sessionsOffline
    for (const [clientId, end] of recovered.ended) sessions.ended.set(clientId, end)
    for (const session of recovered.sessions) {
      sessions.resting.set(session.clientId, session)
      journal.changed.add(session)
      for (const due of duesOf(session)) this.#deadlines.add(due, session.clientId)
    }
    this.#resources.use(access.onChange(() => rightsChanged(this.#services, this.#connections)))
    this.#resources.use(log.onStatus((status) => status.kind === 'open' && this.#publishWaiting()))
    this.#resources.use(log.onStatus(() => this.#resumeWaiting()))
    await this.#services.cluster?.join()
    shared.start()
    this.#checkpoint.replayed(recovered.changes)
    for (const lane of recovered.lanes) await this.#deadlines.takeOver(lane)
    if (recovered.next !== undefined) await this.#checkpoint.resume(recovered.next)
    await this.#checkpoint.write()
    await this.#adoptions?.start()
    await this.#doors.open(this.#options.listeners)
    this.#tick = new Tick(clock, () => this.#onTick())
  }

  stats(): BrokerStats {
    return statsOf(this.#services, this.#connections, this.#doors.all, {
      startedAtMicros: this.#startedAtMicros,
      uptimeSeconds: (this.#options.clock.monotonicMs() - this.#startedAtMs) / 1000,
    })
  }

  *clients(): Iterable<ClientInfo> {
    const nowMs = this.#options.clock.monotonicMs()
    for (const session of this.#services.sessions.online.values()) {
      const info = clientInfo(session, nowMs)
      if (info !== undefined) yield info
    }
  }

  kick(clientId: string): boolean {
    const connection = this.#services.sessions.online.get(clientId as ClientId)?.connection
    connection?.disconnect(reasonCode.administrativeAction)
    return connection !== undefined
  }

  async drain(rate: number): Promise<void> {
    this.#doors.shut()
    const { signal } = this.#ending
    await drain({ clock: this.#options.clock, connections: this.#connections, rate, signal })
  }

  publish(message: LocalPublish): Promise<boolean> {
    return publishLocally(this.#services, message)
  }

  tap(tap: Tap): Disposable {
    return this.#services.router.addTap(tap)
  }

  subscribe(filter: string, options?: SubscriptionOptions): Subscription {
    return subscribeTo(this.#services.router, filter, options)
  }

  attach(server: Server, options: AttachOptions): Disposable {
    return this.#doors.attach(server, options)
  }

  accept(transport: Transport): Connection {
    const connection = new Connection(this.#services, transport)
    this.#connections.add(connection)
    this.#ownTraces.accepted(connection)
    const { counters } = this.#services
    counters.connectionsAccepted++
    counters.connectionsMax = Math.max(counters.connectionsMax, this.#connections.size)
    return connection
  }

  trace(selection: TraceSelection, listener: TraceListener): Disposable {
    return this.#traces.start(selection, listener)
  }

  onEvent(listener: BrokerEventListener): Disposable {
    return this.#services.events.listen(listener)
  }

  floor(): Cursor {
    const { log, members } = this.#options
    const { sessions, shared } = this.#services
    const { backlogLogBytesMax } = this.#limits.all
    const floor = new Map<Partition, Position>()
    for (const range of log.partitions()) {
      const { partition, end } = range
      const isOwn = partition === log.own
      if (!isOwn && members === undefined) continue
      // What is needed of another's lane by who is not here, its owner knows.
      const [stored, journalFrom] = isOwn ? [this.#checkpoint.floor, this.#checkpoint.journalFrom] : [end, end]
      const lowest = lowestNeeded(partition, stored, sessions, shared)
      floor.set(partition, boundedFloor(lowest, backlogLogBytesMax, range, journalFrom))
    }
    return members === undefined ? floor : this.#floors.lowest(floor)
  }

  /** Closes doors, tells 5.0 clients why, writes what is known, and waits for the log. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#end ??= this.#stop()
    return this.#end
  }

  async #stop(): Promise<void> {
    this.#ending.abort()
    this.#tick?.[Symbol.dispose]()
    for (const connection of [...this.#connections]) sayFarewell(connection)
    this.#services.flusher.flush()
    await this.#doors.close()
    await this.#adoptions?.[Symbol.asyncDispose]()
    try {
      // What cannot be committed any more may be another process's by now.
      if (this.#options.log.status.kind !== 'failed') await this.#checkpoint.write()
    } finally {
      this.#services.cluster?.[Symbol.dispose]()
      await this.#resources.disposeAsync()
    }
  }

  #onCommit(batch: Parameters<CommittedDelivery['onCommit']>[0]): void {
    this.#services.committed.onCommit(batch)
    this.#resumeWaiting()
  }

  /** Ahead of all that clients may append now: a will is older. */
  #publishWaiting(): void {
    this.#services.waitingWills.retry((session, will) =>
      publishWill(this.#services, session, will, mayPublishWill(this.#services, will)),
    )
  }

  #resumeWaiting(): void {
    if (this.#waitingForLog.size === 0 || this.#services.log.congested) return
    const waiting = [...this.#waitingForLog]
    this.#waitingForLog.clear()
    for (const connection of waiting) connection.logHasRoom()
  }

  #onTick(): void {
    const { limits } = this.#services
    const nowMs = this.#options.clock.monotonicMs()
    for (const connection of this.#connections) checkConnection(connection, nowMs)
    this.#doors.tick(nowMs)
    this.#closing.tick(nowMs, limits)
    if (this.#working) return
    this.#working = true
    this.#work()
      .catch((error) => this.#options.onFault?.('once-a-second work', error))
      .finally(() => {
        this.#working = false
      })
  }

  async #work(): Promise<void> {
    this.#ticks++
    const { limits, journal } = this.#services
    await this.#lookAtDeadlines()
    if (this.#adoptions !== undefined) this.#services.committed.lookAtEnds()
    this.#adoptions?.look()
    await this.#services.bans.tick()
    if (this.#ticks % diskTicks === 0) await this.#services.disk.look()
    const { systemTopicSeconds = 10 } = this.#options
    // The first figures are there one tick after the start.
    if (systemTopicSeconds > 0 && (this.#ticks - 1) % systemTopicSeconds === 0) {
      this.#systemTopics.publish().catch((error) => this.#options.onFault?.('$SYS', error))
    }
    if (this.#ticks % checkpointTicks === 0 || journal.changed.size > limits.dirtySessionsMax) {
      await this.#checkpoint.write()
    } else {
      journal.tick(false)
    }
  }

  /** Not while there are lanes that nobody has taken over: a session may have gone on there. */
  async #lookAtDeadlines(): Promise<void> {
    const { sessions, cluster } = this.#services
    if (cluster !== undefined && cluster.members.orphans().length > 0) return
    const due = await this.#deadlines.take()
    if (due.length === 0) return
    const again = await sessions.due(due)
    const now = this.#services.steady.now()
    for (const clientId of again) this.#deadlines.add(now, clientId)
  }

  #forget(connection: Connection): void {
    const { counters, throttles, clock, limits } = this.#services
    this.#services.unfinished.forget(connection)
    this.#connections.delete(connection)
    this.#waitingForLog.delete(connection)
    throttles.release(connection)
    counters.packetsReceived += connection.packetsReceived
    counters.bytesSent += connection.output.sentBytes
    this.#closing.add(connection.transport, clock.monotonicMs(), limits)
  }

  /** Counts this start, so that session numbers are never used twice. */
  async #countStart(): Promise<number> {
    const { state } = this.#options
    for (;;) {
      const row = await state.get(brokerTable, startsKey)
      const starts = (row === undefined ? 0 : Number(row.value.toString('utf8'))) + 1
      const value = Buffer.from(String(starts))
      const change = { table: brokerTable, key: startsKey, value, expected: row?.revision ?? 0 }
      // Of several that start at once each has its turn.
      if ((await state.write([change])) === 'applied') return starts
    }
  }

  #nextNumber(): SessionNumber {
    const { start } = this.#sessionsFrom
    return (start * numbersPerStart + ++this.#sessionsFrom.count) as SessionNumber
  }
}
