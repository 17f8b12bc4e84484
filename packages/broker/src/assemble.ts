/** Makes the parts of one broker and ties them to each other. What lives and ends is the broker's own. */
import { reasonCode } from '@hawser/codec'
import type { Position } from '@hawser/engine'
import type { SessionNumber } from '@hawser/std'
import { allowAll } from './access.ts'
import { BanList } from './bans/ban-list.ts'
import { Flapping } from './bans/flapping.ts'
import { adoptLane } from './cluster/adopt-lane.ts'
import { Adoptions } from './cluster/adoptions.ts'
import { Arrivals } from './cluster/arrivals.ts'

import { Cluster } from './cluster/cluster.ts'
import { PeerForwarding } from './cluster/forwarding.ts'
import { Gossip } from './cluster/gossip.ts'
import { Holds } from './cluster/holds.ts'
import { Interest } from './cluster/interest.ts'
import { endOfDeserted, Ownership } from './cluster/ownership.ts'
import { Counters } from './counters.ts'
import { BothCommits } from './delivery/both-commits.ts'
import { CatchUp } from './delivery/catch-up.ts'
import { CommitQueue } from './delivery/commit-queue.ts'
import { CommittedDelivery } from './delivery/committed.ts'
import { LiveDelivery } from './delivery/live.ts'
import { PublishSender } from './delivery/publish-sender.ts'
import { ReadSlots } from './delivery/read-slots.ts'
import { Redelivery } from './delivery/redelivery.ts'
import { BrokerEvents } from './events.ts'
import { publishWill } from './inprocess/publish.ts'
import { WaitingWills } from './inprocess/waiting-wills.ts'
import { Checkpoint } from './journal/checkpoint.ts'
import { Deadlines } from './journal/deadlines.ts'
import { Journal } from './journal/journal.ts'
import { SteadyTime } from './journal/steady-time.ts'
import { Admission } from './limits/admission.ts'
import { DiskWatermark } from './limits/disk-watermark.ts'
import { LimitsInForce } from './limits/limits-in-force.ts'
import { SubscriptionClaims } from './limits/subscription-limits.ts'
import { Throttles } from './limits/throttle.ts'
import { UnfinishedPackets } from './limits/unfinished-packets.ts'
import { Latencies } from './measure/latencies.ts'
import type { BrokerOptions } from './options.ts'
import { Offers } from './protocol/offers.ts'
import { receiveNow, receiveShareNow } from './rights/receive-now.ts'
import { Rights } from './rights/rights.ts'
import { mayPublishWill } from './rights/will-rights.ts'
import { RetainedMessages } from './router/retained.ts'
import { type MayReceive, Router } from './router/router.ts'
import type { Services } from './services.ts'
import type { Connection } from './session/connection.ts'
import { disown } from './session/disown.ts'
import { handOver } from './session/hand-over.ts'
import { SessionRegistry } from './session/registry.ts'
import { composeShared } from './shared/compose-shared.ts'
import type { GroupFollower } from './shared/group-follower.ts'
import { ChunkPool } from './transport/chunk.ts'
import { Flusher } from './transport/flusher.ts'
import type { ListenerRules } from './transport/listener-options.ts'
import type { Transport } from './transport/transport.ts'

/** What the parts ask of the broker that owns them. */
export interface Owner {
  nextNumber(): SessionNumber
  /** The rules of a transport's listener as they are now. */
  rulesOf(transport: Transport): ListenerRules
  connectionCount(): number
  diskChanged(low: boolean, freeBytes: number): void
  waitForLog(connection: Connection): void
  forget(connection: Connection): void
  gone(connection: Connection): void
}

export interface Assembled {
  readonly services: Services
  readonly limits: LimitsInForce
  readonly deadlines: Deadlines
  readonly checkpoint: Checkpoint
  readonly follower: GroupFollower
  /** Undefined: the broker is alone. */
  readonly adoptions: Adoptions | undefined
}

export function assemble(options: BrokerOptions, owner: Owner): Assembled {
  const { log, state, clock, random, bootId, hosts, onFault = () => undefined } = options
  const limitsInForce = new LimitsInForce(options.limits)
  const limits = limitsInForce.all
  const access = options.access ?? allowAll
  const counters = new Counters(log.durability)
  const steady = new SteadyTime(clock, bootId, hosts)
  const cluster = options.members && new Cluster(options.members, clock)
  const interest =
    cluster &&
    new Interest({
      ...{ cluster, clock },
      changed: (filter) => router.invalidate(filter),
      ownEnds: () => committed.ownEnds(),
      reached: (ends, signal) => committed.reached(ends, signal),
      endOf: (partition) => endOfDeserted(state, partition),
      unconfirmed: (count) => {
        counters.subscribesUnconfirmed += count
        onFault('subscriptions between processes', new Error(`${count} went on before all others had confirmed`))
      },
      shareWanted: (peer, key, isWanted) => shared.wantedElsewhere(peer, key, isWanted),
    })
  const gossip =
    cluster &&
    new Gossip(cluster, clock, () => ({
      connections: owner.connectionCount(),
      sessions: sessions.online.size + sessions.offlineCount,
    }))
  const pool = new ChunkPool(() => limits.outputBytesAllMax)
  const rights = new Rights({ access, clock, limits, failed: (error) => onFault('access control', error) })
  const mayReceive: MayReceive = (session, route) => receiveNow(services, session, route)
  const router = new Router(limits, options.recordFilters ?? [], mayReceive, interest, options.memoryFilters)
  const retained = new RetainedMessages(limits, counters, log.own)
  const commits = new CommitQueue()
  const volatileCommits = new CommitQueue()
  const receipts = new BothCommits(commits, volatileCommits)
  const sender = new PublishSender(counters)
  const ends = () => committed.ends
  const slots = new ReadSlots(limits)
  const {
    distribution,
    shared,
    follower,
    journal: groups,
  } = composeShared({
    ...{ log, state, limits, counters, random, clock, sender, router, slots, ends, cluster },
    options: options.shared ?? {},
    deliver: (session, receiver, route, view, partition, position) =>
      committed.deliver(session, receiver, route, view, partition, position, false),
    mayReceive: (session, message) => receiveShareNow(services, session, message),
    reached: (handed) => committed.reached(handed),
    forward: (...message) => forwarding?.share(...message),
    settledLog: () => new Promise((resolve) => commits.run(log.lastTicket, resolve)),
    failed: (group, error) => onFault(`shared subscription ${group.key}`, error),
    fault: (error) => onFault('shared subscriptions between processes', error),
  })
  const journal = new Journal(log, counters, ends, groups)
  const latencies = new Latencies(clock)
  const committed: CommittedDelivery = new CommittedDelivery({
    ...{ log, steady, counters, latencies, router, retained, commits, volatileCommits, journal, sender, distribution },
    follower: cluster && follower,
  })
  const expiryLeft = committed.expiryLeft.bind(committed)
  const redelivery = new Redelivery({ log, counters, commits, journal, retained, sender, expiryLeft })
  const events = new BrokerEvents((error) => onFault('a listener of events', error))
  const deadlines = new Deadlines(state, steady, log.own)
  const sessions = new SessionRegistry({
    state,
    steady,
    limits,
    counters,
    events,
    router,
    shared,
    journal,
    deadlines,
    own: log.own,
    ends,
    elsewhere: () => gossip?.sessions ?? 0,
    nextNumber: () => owner.nextNumber(),
    mayPublish: (will) => mayPublishWill(services, will),
    publishWill: (session, will, allowed) => publishWill(services, session, will, allowed),
    claims: () => ownership?.claims,
    deadlineClaims: () => ownership?.deadlines,
    handOver: (clientId, session, ended) => handOver(handOverParts, clientId, session, ended),
    background: (work) => void work.catch((error) => onFault('a will', error)),
    left: (clientId) => ownership?.left(clientId),
  })
  const failed = (connection: Connection, error: unknown): void => {
    onFault(`connection of ${connection.session?.clientId ?? connection.transport.remoteAddress}`, error)
    connection.disconnect(reasonCode.unspecifiedError)
  }
  const catchUp = new CatchUp({
    log,
    limits,
    counters,
    journal,
    committed,
    redelivery,
    slots,
    clock,
    failed: (session, error) => session.connection && failed(session.connection, error),
  })
  const forwarding: PeerForwarding | undefined =
    cluster && new PeerForwarding({ bus: cluster.members.bus, clock, limits, counters }, cluster)
  const services: Services = {
    log,
    state,
    clock,
    steady,
    random,
    limits,
    offers: new Offers(options.protocol),
    claims: new SubscriptionClaims(),
    unfinished: new UnfinishedPackets(limits, counters),
    limitsOf: (transport) => limitsInForce.of(owner.rulesOf(transport)),
    admission: new Admission(limits, clock, () => owner.connectionCount() + (gossip?.connections ?? 0)),
    disk: new DiskWatermark({
      limits,
      freeBytes: options.freeBytes,
      changed: (low, freeBytes) => owner.diskChanged(low, freeBytes),
    }),
    bans: new BanList(state, clock, () => limits.bansMax),
    flapping: new Flapping(clock, limits),
    throttles: new Throttles(clock),
    cluster,
    interest,
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
    receipts,
    sender,
    live: new LiveDelivery(limits, counters, pool, sender, distribution, forwarding),
    committed,
    catchUp,
    journal,
    sessions,
    waitingWills: new WaitingWills(),
    shared,
    waitForLog: (connection) => owner.waitForLog(connection),
    failed,
    forget: (connection) => owner.forget(connection),
    gone: (connection) => owner.gone(connection),
  }
  if (cluster !== undefined) new Arrivals(services, cluster, new Holds(cluster, clock, sessions))
  const place = (ticket: number): Promise<Position> =>
    new Promise((resolve) => commits.run(ticket, () => resolve(committed.positionOf(ticket))))
  const checkpoint = new Checkpoint(
    {
      ...{ state, steady, journal, sessions, deadlines, retained, groups, counters, ends },
      members: options.members,
      committed: place,
      succeeded: (session) => disown(sessions, journal, session),
    },
    log.own,
  )
  const ownership = cluster && new Ownership({ cluster, log, state, clock, counters, commits, committed, sessions })
  const handOverParts = {
    ...{ state, journal, own: log.own, ends },
    durable: () => ownership?.durable() ?? Promise.resolve(),
    checkpointed: () => checkpoint.settled(),
  }
  const adoptions =
    options.members &&
    new Adoptions({
      members: options.members,
      clock,
      own: log.own,
      take: async (range) => {
        // The retained view has all of it then.
        await committed.reached(new Map([[range.partition, range.end]]))
        const lane = {
          log,
          state,
          retained,
          checkpoint: async () => {
            await checkpoint.settled()
            await checkpoint.write()
          },
          deadlines,
          ends,
          steady,
        }
        await shared.adopted(range.partition, range.end)
        sessions.offlineCount += await adoptLane(lane, range)
      },
      failed: (partition, error) => onFault(`adoption of lane ${partition}`, error),
    })
  return { services, limits: limitsInForce, deadlines, checkpoint, follower, adoptions }
}
