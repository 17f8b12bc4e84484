/** The parts of one broker, made once by `createBroker` and given to those who need them. */
import type { MessageLog, StateStore } from '@hawser/engine'
import type { Clock, Random } from '@hawser/std'
import type { AccessControl } from './access.ts'
import type { BanList } from './bans/ban-list.ts'
import type { Flapping } from './bans/flapping.ts'
import type { Cluster } from './cluster/cluster.ts'
import type { Interest } from './cluster/interest.ts'
import type { Counters } from './counters.ts'
import type { BothCommits } from './delivery/both-commits.ts'
import type { CatchUp } from './delivery/catch-up.ts'
import type { CommitQueue } from './delivery/commit-queue.ts'
import type { CommittedDelivery } from './delivery/committed.ts'
import type { LiveDelivery } from './delivery/live.ts'
import type { PublishSender } from './delivery/publish-sender.ts'
import type { BrokerEvents } from './events.ts'
import type { Hooks } from './hooks.ts'
import type { WaitingWills } from './inprocess/waiting-wills.ts'
import type { Journal } from './journal/journal.ts'
import type { SteadyTime } from './journal/steady-time.ts'
import type { Admission } from './limits/admission.ts'
import type { DiskWatermark } from './limits/disk-watermark.ts'
import type { Limits } from './limits/limits.ts'
import type { SubscriptionClaims } from './limits/subscription-limits.ts'
import type { Throttles } from './limits/throttle.ts'
import type { UnfinishedPackets } from './limits/unfinished-packets.ts'
import type { Latencies } from './measure/latencies.ts'
import type { Offers } from './protocol/offers.ts'
import type { Rights } from './rights/rights.ts'
import type { RetainedMessages } from './router/retained.ts'
import type { Router } from './router/router.ts'
import type { Connection } from './session/connection.ts'
import type { SessionRegistry } from './session/registry.ts'
import type { SharedSubscriptions } from './shared/shared-subscriptions.ts'
import type { ChunkPool } from './transport/chunk.ts'
import type { Flusher } from './transport/flusher.ts'
import type { Transport } from './transport/transport.ts'

export interface Services {
  readonly log: MessageLog
  readonly state: StateStore
  readonly clock: Clock
  /** What durations that outlive the process are counted in. */
  readonly steady: SteadyTime
  readonly random: Random
  /** In all; a connection has those of its listener. */
  readonly limits: Limits
  limitsOf(transport: Transport): Limits
  readonly unfinished: UnfinishedPackets
  readonly offers: Offers
  readonly claims: SubscriptionClaims
  /** The other processes; undefined: the broker is alone. */
  readonly cluster: Cluster | undefined
  /** What the processes want of each other; undefined likewise. */
  readonly interest: Interest | undefined
  readonly access: AccessControl
  readonly rights: Rights
  readonly hooks: Hooks
  readonly counters: Counters
  readonly events: BrokerEvents
  readonly latencies: Latencies
  readonly pool: ChunkPool
  readonly flusher: Flusher
  readonly router: Router
  readonly retained: RetainedMessages
  readonly commits: CommitQueue
  /** With those of the class `memory`. */
  readonly receipts: BothCommits
  readonly sender: PublishSender
  readonly live: LiveDelivery
  readonly committed: CommittedDelivery
  readonly catchUp: CatchUp
  readonly journal: Journal
  readonly sessions: SessionRegistry
  readonly waitingWills: WaitingWills
  readonly shared: SharedSubscriptions
  readonly admission: Admission
  readonly disk: DiskWatermark
  readonly bans: BanList
  readonly flapping: Flapping
  readonly throttles: Throttles
  /** The connection is read again, and its session served again, once the log has committed. */
  waitForLog(connection: Connection): void
  /** Something that should not happen did: the connection ends, and the fault is told. */
  failed(connection: Connection, error: unknown): void
  /** The connection is closed. */
  forget(connection: Connection): void
  /** Its socket is closed. */
  gone(connection: Connection): void
}
