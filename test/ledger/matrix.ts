import type { LedgerCase } from './cases/case.ts'
import { fullDisks } from './cases/full-disks.ts'
import { kills } from './cases/kills.ts'
import { outages } from './cases/outages.ts'

export const matrix: readonly LedgerCase[] = [...kills, ...outages, ...fullDisks]

/** One after another, on the same servers, in the same books. */
export const inTurn = (name: string, cases: readonly LedgerCase[]): LedgerCase => ({
  name,
  async prepare(servers, stack) {
    let prepared = servers
    for (const one of cases) prepared = (await one.prepare?.(prepared, stack)) ?? prepared
    return prepared
  },
  async disturb(stage) {
    for (const one of cases) await one.disturb(stage)
  },
})
