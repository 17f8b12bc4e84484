/** Puts the parts of one broker together and owns their lifetimes. */
import type { Server } from 'node:net'
import { reasonCode } from '@hawser/codec'
import type { Cursor, Position } from '@hawser/engine'
import type { ClientId, SessionNumber } from '@hawser/std'
import { allowAll } from './access.ts'
import { Counters } from './counters.ts'
import { CatchUp } from './delivery/catch-up.ts'
import { CommitQueue } from './delivery/commit-queue.ts'
import { CommittedDelivery } from './delivery/committed.ts'
import { LiveDelivery } from './delivery/live.ts'
import { PublishSender } from './delivery/publish-sender.ts'
import { ReadSlots } from './delivery/read-slots.ts'
import { Redelivery } from './delivery/redelivery.ts'
import { Doors, type ReloadAnswer } from './doors.ts'
import { type BrokerEventListener, BrokerEvents } from './events.ts'
import { type LocalPublish, publishLocally, publishWill } from './inprocess/publish.ts'
import { type Subscription, type SubscriptionOptions, subscribeTo } from './inprocess/subscription.ts'
import { Checkpoint } from './journal/checkpoint.ts'
import { Deadlines } from './journal/deadlines.ts'
import { lowestNeeded } from './journal/floor.ts'
import { Journal } from './journal/journal.ts'
import { recover } from './journal/recovery.ts'
import { brokerTable, startsKey } from './journal/tables.ts'
import { defaultLimits, type Limits } from './limits/limits.ts'
import { Latencies } from './measure/latencies.ts'
import type { BrokerStats, ClientInfo } from './observe.ts'
import type { Broker, BrokerOptions } from './options.ts'
import { Offers } from './protocol/offers.ts'
import { defaultProtocol } from './protocol/options.ts'
import { receiveNow, receiveShareNow } from './rights/receive-now.ts'
import { Rights } from './rights/rights.ts'
import { rightsChanged } from './rights/rights-changed.ts'
import { RetainedMessages } from './router/retained.ts'
import type { Tap } from './router/route.ts'
import { type MayReceive, Router } from './router/router.ts'
import type { Services } from './services.ts'
import { Connection } from './session/connection.ts'
import { sayFarewell } from './session/disconnect.ts'
import { duesOf, SessionRegistry } from './session/registry.ts'
import { composeShared } from './shared/compose-shared.ts'
import { GroupJournal } from './shared/group-journal.ts'
import { clientInfo, statsOf } from './snapshot.ts'
import { clientEvents } from './system/client-events.ts'
import { SystemTopics } from './system/system-topics.ts'
import { checkConnection, Tick } from './tick.ts'
import type { AttachOptions } from './transport/attached-door.ts'
import { ChunkPool } from './transport/chunk.ts'
import { Flusher } from './transport/flusher.ts'
import type { ListenerOptions } from './transport/listener-options.ts'
import { servedHere } from './transport/origin.ts'
import type { Listener, Transport } from './transport/transport.ts'

const checkpointTicks = 5
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
  readonly #connections = new Set<Connection>()
  readonly #waitingForLog = new Set<Connection>()
  /** Transports whose connection is over, since when: a peer that reads nothing would keep its own open for ever. */
  readonly #closing = new Map<Transport, number>()
  readonly #deadlines: Deadlines
  readonly #checkpoint: Checkpoint
  readonly #systemTopics: SystemTopics
  readonly #startedAtMicros: number
  readonly #startedAtMs: number
  readonly #resources = new AsyncDisposableStack()
  readonly #sessionsFrom = { start: 0, count: 0 }
  readonly #doors: Doors
  #tick: Disposable | undefined
  #ticks = 0
  /** The work of an earlier tick goes on. */
  #working = false
  #end: Promise<void> | undefined

  constructor(options: BrokerOptions) {
    this.#options = options
    if (options.owns !== undefined) this.#resources.use(options.owns)
    const { log, state, clock, random } = options
    const limits: Limits = { ...defaultLimits, ...options.limits }
    const counters = new Counters()
    const pool = new ChunkPool()
    const access = options.access ?? allowAll
    const failed = (error: unknown): void => options.onFault?.('access control', error)
    const rights = new Rights({ access, clock, limits, failed })
    const mayReceive: MayReceive = (session, route) => receiveNow(this.#services, session, route)
    const router = new Router(limits, options.recordFilters ?? [], mayReceive)
    const retained = new RetainedMessages(limits, counters)
    const commits = new CommitQueue()
    const sender = new PublishSender(counters)
    const ends = () => committed.ends
    const slots = new ReadSlots(limits.catchUpsMax)
    const groups = new GroupJournal(log, counters, ends)
    const { distribution, shared } = composeShared({
      ...{ log, limits, counters, random, clock, sender, router, slots, ends },
      journal: groups,
      options: options.shared ?? {},
      deliver: (session, receiver, route, view, partition, position) =>
        committed.deliver(session, receiver, route, view, partition, position, false),
      mayReceive: (session, message) => receiveShareNow(this.#services, session, message),
      failed: (group, error) => options.onFault?.(`shared subscription ${group.key}`, error),
    })
    const latencies = new Latencies(clock)
    const journal: Journal = new Journal(log, counters, ends, groups)
    const committed: CommittedDelivery = new CommittedDelivery({
      ...{ log, clock, counters, latencies, router, retained, commits, journal, sender, distribution },
    })
    const expiryLeft = committed.expiryLeft.bind(committed)
    const redelivery = new Redelivery({ log, counters, commits, journal, retained, sender, expiryLeft })
    const events = new BrokerEvents((error) => options.onFault?.('a listener of events', error))
    this.#deadlines = new Deadlines(state, clock)
    const sessions = new SessionRegistry({
      state,
      clock,
      limits,
      counters,
      events,
      router,
      shared,
      journal,
      deadlines: this.#deadlines,
      ends,
      nextNumber: () => this.#nextNumber(),
      publishWill: (session, will) => publishWill(this.#services, session, will),
    })
    const catchUp = new CatchUp({
      log,
      counters,
      journal,
      committed,
      redelivery,
      slots,
      clock,
      failed: (session, error) => session.connection && this.#services.failed(session.connection, error),
    })
    const connections = this.#connections
    this.#services = {
      log,
      state,
      clock,
      random,
      limits,
      offers: new Offers({ ...defaultProtocol, ...options.protocol }),
      access,
      rights,
      hooks: options.hooks ?? {},
      counters,
      events,
      latencies,
      pool,
      flusher: new Flusher(),
      router,
      retained,
      commits,
      sender,
      live: new LiveDelivery(limits, counters, pool, sender, distribution),
      committed,
      catchUp,
      journal,
      sessions,
      shared,
      get overfull() {
        return connections.size > limits.connectionsMax
      },
      waitForLog: (connection) => this.#waitingForLog.add(connection),
      failed: (connection, error) => {
        options.onFault?.(`connection of ${connection.session?.clientId ?? connection.transport.remoteAddress}`, error)
        connection.disconnect(reasonCode.unspecifiedError)
      },
      forget: (connection) => {
        connections.delete(connection)
        counters.packetsReceived += connection.packetsReceived
        counters.bytesSent += connection.output.sentBytes
        this.#waitingForLog.delete(connection)
        this.#closing.set(connection.transport, clock.monotonicMs())
      },
    }
    this.#checkpoint = new Checkpoint(
      {
        state,
        journal,
        sessions,
        deadlines: this.#deadlines,
        retained,
        groups,
        counters,
        ends,
        committed: (ticket) => this.#positionOf(ticket),
      },
      log.own,
    )
    this.#doors = new Doors({
      clock,
      accept: (transport) => this.#accept(transport),
      refused: (why) => counters.refusedAtDoor[why]++,
      packetBytesMax: limits.packetBytesMax,
      originAllowed: options.originAllowed ?? servedHere,
      connectionsMax: limits.connectionsMax,
      connectMsMax: limits.connectMsMax,
    })
    this.#systemTopics = new SystemTopics(this.#services, options.version ?? version)
    this.#services.events.listen(clientEvents(this.#services))
    this.#startedAtMicros = clock.wallMicros()
    this.#startedAtMs = clock.monotonicMs()
  }

  get listeners(): readonly Listener[] {
    return this.#doors.all
  }

  reload({ listeners }: { readonly listeners: readonly ListenerOptions[] }): Promise<ReloadAnswer> {
    return this.#doors.reload(listeners)
  }

  async start(): Promise<void> {
    const { state, log, clock } = this.#options
    const { access, retained, sessions, shared, journal } = this.#services
    this.#sessionsFrom.start = await this.#countStart()
    const recovered = await recover({ log, state, clock, retained })
    shared.restore(recovered.groups)
    sessions.offlineCount = recovered.sessionsOffline
    for (const [clientId, end] of recovered.ended) sessions.ended.set(clientId, end)
    for (const session of recovered.sessions) {
      sessions.resting.set(session.clientId, session)
      journal.changed.add(session)
      for (const due of duesOf(session)) this.#deadlines.add(due, session.clientId)
    }
    this.#resources.use(log.onCommit((batch) => this.#onCommit(batch)))
    this.#resources.use(access.onChange(() => rightsChanged(this.#services, this.#connections)))
    this.#resources.use(log.onStatus(() => this.#resumeWaiting()))
    if (recovered.next !== undefined) await this.#checkpoint.resume(recovered.next)
    await this.#checkpoint.write()
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

  onEvent(listener: BrokerEventListener): Disposable {
    return this.#services.events.listen(listener)
  }

  floor(): Cursor {
    const { own } = this.#options.log
    const { sessions, shared } = this.#services
    return new Map([[own, lowestNeeded(own, this.#checkpoint.floor, sessions, shared)]])
  }

  /** Closes doors, tells 5.0 clients why, writes what is known, and waits for the log. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#end ??= this.#stop()
    return this.#end
  }

  async #stop(): Promise<void> {
    this.#tick?.[Symbol.dispose]()
    for (const connection of [...this.#connections]) sayFarewell(connection)
    this.#services.flusher.flush()
    await this.#doors.close()
    await this.#checkpoint.write()
    await this.#resources.disposeAsync()
  }

  #accept(transport: Transport): Connection {
    const connection = new Connection(this.#services, transport)
    this.#connections.add(connection)
    const { counters } = this.#services
    counters.connectionsAccepted++
    counters.connectionsMax = Math.max(counters.connectionsMax, this.#connections.size)
    return connection
  }

  #onCommit(batch: Parameters<CommittedDelivery['onCommit']>[0]): void {
    this.#services.committed.onCommit(batch)
    this.#resumeWaiting()
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
    for (const connection of this.#connections) checkConnection(connection, nowMs, limits)
    this.#doors.tick(nowMs)
    for (const [transport, sinceMs] of this.#closing) {
      if (nowMs - sinceMs < limits.closeMsMax) continue
      transport.destroy()
      this.#closing.delete(transport)
    }
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
    const { limits, journal, sessions } = this.#services
    for (const clientId of await this.#deadlines.take()) await sessions.due(clientId)
    const { systemTopicSeconds = 10 } = this.#options
    // The first figures are there one tick after the start.
    if (systemTopicSeconds > 0 && (this.#ticks - 1) % systemTopicSeconds === 0) this.#systemTopics.publish(this.stats())
    if (this.#ticks % checkpointTicks === 0 || journal.changed.size > limits.dirtySessionsMax) {
      await this.#checkpoint.write()
    } else {
      journal.tick(false)
    }
  }

  #positionOf(ticket: number): Promise<Position> {
    return new Promise((resolve) => {
      this.#services.commits.run(ticket, () => resolve(this.#services.committed.positionOf(ticket)))
    })
  }

  /** Counts this start, so that session numbers are never used twice. */
  async #countStart(): Promise<number> {
    const { state } = this.#options
    const row = await state.get(brokerTable, startsKey)
    const starts = (row === undefined ? 0 : Number(row.value.toString('utf8'))) + 1
    await state.write([
      { table: brokerTable, key: startsKey, value: Buffer.from(String(starts)), expected: row?.revision ?? 0 },
    ])
    return starts
  }

  #nextNumber(): SessionNumber {
    const { start } = this.#sessionsFrom
    return (start * numbersPerStart + ++this.#sessionsFrom.count) as SessionNumber
  }
}
