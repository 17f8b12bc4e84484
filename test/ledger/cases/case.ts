/** One line of the matrix: what goes wrong while publishers go on. */
import { type Milliseconds, milliseconds, type Random, sleep, systemClock } from '@hawser/std'
import type { LedgerHawser } from '../hawser.ts'
import type { Load } from '../load.ts'
import type { Servers } from '../servers.ts'

export interface Times {
  /** Of an outage or a slow spell. */
  readonly outageMs: Milliseconds
  /** Of the kills. */
  readonly rounds: number
}

export interface Stage {
  /** Of topic and table. */
  readonly name: string
  readonly servers: Servers
  readonly hawser: LedgerHawser
  readonly load: Load
  readonly times: Times
  readonly random: Random
}

export interface LedgerCase {
  readonly name: string
  /** Why it cannot be shown here. */
  readonly skip?: () => string | false
  /** Servers of its own in place of some. */
  prepare?(servers: Servers, stack: AsyncDisposableStack): Promise<Servers>
  /** While the load runs. Everything works again when it resolves. */
  disturb(stage: Stage): Promise<void>
}

/** An instant that nobody chose. */
export const someTime = (random: Random, msMax: number): Promise<void> =>
  sleep(systemClock, milliseconds(random.next() * msMax))

export const lasting = (times: Times): Promise<void> => sleep(systemClock, times.outageMs)
