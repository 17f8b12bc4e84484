/** The figures of one invocation, as they stand in results.json. */
import type { BrokerName } from '../brokers/broker-kind.ts'
import type { DiskUse } from '../machine/disk-use.ts'
import type { Machine } from '../machine/machine.ts'
import type { RowProfile } from '../profile/profile-row.ts'
import type { Measurement, Settings } from '../rows/row.ts'

export interface RowResult {
  readonly row: string
  readonly broker: BrokerName
  readonly runs: readonly Measurement[]
  /** Why runs gave no figure. */
  readonly failures: readonly string[]
  /** Of a run of its own, where the row is on disk and strace is there. */
  readonly diskUse?: DiskUse
}

export interface Results {
  readonly at: string
  readonly machine: Machine
  readonly settings: Settings
  readonly rows: readonly RowResult[]
  /** Where the time of our main thread goes. */
  readonly profiles: readonly RowProfile[]
}
