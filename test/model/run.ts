/** One history, from its seed to what it has violated. */
import { type History, type HistoryOptions, makeHistory } from './history.ts'
import { Ledger } from './ledger/ledger.ts'
import type { Violation } from './ledger/records.ts'
import type { Interference } from './simulation/interference.ts'
import { World } from './simulation/world.ts'

export interface RunOptions extends HistoryOptions, Interference {
  readonly trace?: (line: string) => void
}

export const runSeed = (seed: number, options: RunOptions = {}): Promise<readonly Violation[]> =>
  runHistory(makeHistory(seed, options), options)

export async function runHistory(history: History, options: RunOptions = {}): Promise<readonly Violation[]> {
  const ledger = new Ledger()
  ledger.trace = options.trace
  await new World(history, ledger, options).run()
  return ledger.violations
}
