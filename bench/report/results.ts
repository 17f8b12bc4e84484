/** The figures of one invocation, as they stand in results.json. */
import type { BrokerName } from '../brokers/broker-kind.ts'
import type { Machine } from '../machine/machine.ts'
import type { Measurement, Settings } from '../rows/row.ts'

export interface RowResult {
  readonly row: string
  readonly broker: BrokerName
  readonly runs: readonly Measurement[]
  /** Why runs gave no figure. */
  readonly failures: readonly string[]
}

export interface Results {
  readonly at: string
  readonly machine: Machine
  readonly settings: Settings
  readonly rows: readonly RowResult[]
}
