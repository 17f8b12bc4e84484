/** One of the processes that serve clients, as it says itself. */
import type { Broker } from './broker.ts'
import type { Figures } from './figures.ts'
import type { LogSnapshot } from './log.ts'
import type { Ledger } from './snapshot.ts'

export interface WorkerView {
  readonly broker: Broker
  /** Its records and its status; partitions are those that it knows. */
  readonly log: LogSnapshot
  readonly ledger: Ledger
  readonly figures: Figures
}
