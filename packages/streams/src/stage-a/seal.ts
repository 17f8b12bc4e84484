/** Sums up the oldest readings, so that what is remembered of a machine stays bounded. */
import type { Reading } from '../reading/types.ts'
import type { Machine } from '../specification/machine.ts'
import { orderOf } from './order.ts'
import { Tallies } from './tallies.ts'
import type { Sealed } from './types.ts'
import { emptyCarry, walk } from './walk.ts'

/** The facts up to the last of `readings` stay with their windows; what it holds beyond is the next ones' affair. */
export function seal(machine: Machine, before: Sealed | null, readings: readonly Reading[]): Sealed | null {
  const last = readings.at(-1)
  if (last === undefined) return before
  const window = machine.windows.at(last.eventTime)
  const tallies = new Tallies(machine, window.start)
  if (before !== null) tallies.goOnFrom(before.partial)
  const carry = walk(machine, before?.carry ?? emptyCarry, readings, tallies)
  const partial = tallies.values().get(window.start)
  if (partial === undefined) throw new Error('the window of a reading has no tally')
  return { last: orderOf(last), carry, partial }
}
