/** Puts the parts of shared subscriptions together. */
import type { Cursor, MessageLog, Partition, Position, StateStore } from '@hawser/engine'
import type { Cluster } from '../cluster/cluster.ts'
import { Distribution, type DistributionParts, type OtherProcesses } from './distribution.ts'
import { GroupFollower } from './group-follower.ts'
import { GroupJournal } from './group-journal.ts'
import { GroupReader, type GroupReaderParts } from './group-reader.ts'
import { Groups, type GroupsParts, type SharedOptions } from './groups.ts'
import { Leases } from './leases.ts'
import { BetweenProcesses } from './processes/between-processes.ts'
import { SharedSubscriptions } from './shared-subscriptions.ts'

type MadeHere = 'journal' | 'reader' | 'leases' | 'follower' | 'isWhole' | 'distribution' | 'others' | 'inflightMax'
type Parts = Omit<DistributionParts & GroupReaderParts & GroupsParts, MadeHere> & {
  readonly log: MessageLog
  readonly state: StateStore
  /** Undefined: the broker is alone. */
  readonly cluster: Cluster | undefined
  readonly ends: () => ReadonlyMap<Partition, Position>
  readonly reached: (ends: Cursor) => Promise<void>
  /** Resolves once all that has been appended is durable. */
  readonly settledLog: () => Promise<void>
  readonly options: SharedOptions
  /** QoS 0 to another process. */
  readonly forward: OtherProcesses['forward']
  readonly fault: (error: unknown) => void
}

export interface ComposedShared {
  readonly distribution: Distribution
  readonly journal: GroupJournal
  readonly follower: GroupFollower
  readonly shared: SharedSubscriptions
}

export function composeShared(parts: Parts): ComposedShared {
  const { log, cluster, limits, ends } = parts
  const { accounts } = parts.counters
  const { own } = log
  const leases = new Leases(own, ends, cluster === undefined)
  const listener = cluster && {
    waitFor: (...member: Parameters<Groups['waitFor']>) => groups.waitFor(...member),
    waitNoMore: (...member: Parameters<Groups['waitNoMore']>) => groups.waitNoMore(...member),
  }
  const follower = new GroupFollower(own, (partition) => leases.held.has(partition), listener)
  const followed = cluster && follower
  const journal = new GroupJournal(log, parts.counters, leases, followed)
  const distribution: Distribution = new Distribution({
    ...parts,
    journal,
    leases,
    inflightMax: () => Math.max(1, Math.floor(limits.sharedInflightMax / (1 + (cluster?.peers.present.size ?? 0)))),
    others: cluster && {
      forward: (...message) => parts.forward(...message),
      handOver: (...message) => between?.handingOut.handOver(...message) === true,
    },
  })
  const reader = new GroupReader({ ...parts, journal, leases, distribution })
  const isWhole = (): boolean => cluster === undefined || cluster.members.orphans().length === 0
  const groups: Groups = new Groups({ ...parts, journal, reader, leases, follower: followed, isWhole })
  const between: BetweenProcesses | undefined =
    cluster && new BetweenProcesses({ ...parts, cluster, groups, journal, reader, leases, follower })
  const partitions = (): Partition[] => log.partitions().map(({ partition }) => partition)
  const shared = new SharedSubscriptions({ own, partitions, leases, groups, journal, reader, between, accounts })
  return { distribution, journal, follower, shared }
}
