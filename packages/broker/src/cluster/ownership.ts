/** What makes a session one process's own, put together: only where a broker has peers. */
import type { MessageLog, Partition, Position, StateStore } from '@hawser/engine'
import type { ClientId, Clock } from '@hawser/std'
import type { Counters } from '../counters.ts'
import type { CommitQueue } from '../delivery/commit-queue.ts'
import type { CommittedDelivery } from '../delivery/committed.ts'
import { readCheckpoint } from '../journal/checkpoint-row.ts'
import type { SessionRegistry } from '../session/registry.ts'
import { Barriers } from './barriers.ts'
import { Claims } from './claims.ts'
import type { Cluster } from './cluster.ts'
import { DeadlineClaims } from './deadline-claims.ts'
import { RecentClients } from './recent-clients.ts'

export interface OwnershipParts {
  readonly cluster: Cluster
  readonly log: MessageLog
  readonly state: StateStore
  readonly clock: Clock
  readonly counters: Counters
  readonly commits: CommitQueue
  readonly committed: CommittedDelivery
  readonly sessions: SessionRegistry
}

/** Where a lane ends that nobody lives on: who took it over has said so in its checkpoint. */
export const endOfDeserted = async (state: StateStore, partition: Partition): Promise<Position> =>
  (await readCheckpoint(state, partition))?.next ?? (0 as Position)

export class Ownership {
  readonly claims: Claims
  readonly deadlines: DeadlineClaims
  readonly #parts: OwnershipParts
  readonly #recent: RecentClients

  constructor(parts: OwnershipParts) {
    const { cluster, log, state, clock, counters, committed, sessions } = parts
    this.#parts = parts
    this.#recent = new RecentClients(this.#end())
    this.deadlines = new DeadlineClaims(cluster, sessions)
    this.claims = new Claims({
      cluster,
      clock,
      holdings: {
        claimed: (clientId) => this.deadlines.drop(clientId),
        letGo: (clientId, asked) => sessions.letGo(clientId, asked),
      },
      barriers: new Barriers(log, counters),
      recent: this.#recent,
      own: log.own,
      ends: () => committed.ends,
      reached: (ends) => committed.reached(ends),
      durable: () => this.durable(),
      endOf: (partition) => endOfDeserted(state, partition),
    })
  }

  /** Resolves once all that has been appended is durable. */
  durable(): Promise<void> {
    const { commits, log } = this.#parts
    return new Promise((resolve) => commits.run(log.lastTicket, resolve))
  }

  /** The client's connection has ended: up to here it may have published. */
  left(clientId: ClientId): void {
    const { commits, log } = this.#parts
    this.#recent.left(clientId, undefined)
    commits.run(log.lastTicket, () => this.#recent.left(clientId, this.#end()))
  }

  #end(): Position {
    const { committed, log } = this.#parts
    return committed.ends.get(log.own) ?? (0 as Position)
  }
}
