/**
 * Ordered readings of one machine → facts: how long it was in which state, what its counters gained, when an alarm
 * began. Every fact hangs on a reading and the carry before it, so that a walk can be interrupted and continued.
 */
import type { Reading } from '../reading/types.ts'
import type { Machine } from '../specification/machine.ts'
import type { StateClass } from '../specification/types.ts'
import type { Carry, Last } from './types.ts'

export interface FactVisitor {
  reading(reading: Reading): void
  /** [start, end) in a mapped state, not yet split. */
  segment(start: number, end: number, state: StateClass): void
  /** `apart`: after a gap or outside planned busy time. */
  increase(reading: Reading, counter: number, kind: CounterKind, amount: bigint, apart: boolean): void
  reset(reading: Reading): void
  jump(reading: Reading): void
  alarmEdge(reading: Reading): void
}

export type CounterKind = 'total' | 'scrap'

export const emptyCarry: Carry = { state: null, alarm: null, counters: [] }

/** Visits the facts of `readings` up to the last of them, and answers what the next one needs. */
export function walk(machine: Machine, before: Carry, readings: readonly Reading[], visitor: FactVisitor): Carry {
  let carry = before
  for (const reading of readings) {
    visitor.reading(reading)
    visitSegment(machine, carry, reading.eventTime, visitor)
    visitAlarm(machine, carry.alarm, reading, visitor)
    carry = {
      state: { eventTime: reading.eventTime, value: reading.state },
      alarm: lastOf(reading.alarm, reading, carry.alarm),
      counters: visitCounters(machine, carry, reading, visitor),
    }
  }
  return carry
}

/** What the last reading holds for as long as no other comes. */
export function visitOpenSegment(machine: Machine, carry: Carry, visitor: FactVisitor): void {
  visitSegment(machine, carry, Number.POSITIVE_INFINITY, visitor)
}

/** A reading holds its state on [Eᵢ, min(Eᵢ₊₁, Eᵢ + G)). [KPI 6] */
function visitSegment({ definition }: Machine, { state }: Carry, next: number, visitor: FactVisitor): void {
  if (state === null || state.value === null) return
  const end = Math.min(next, state.eventTime + definition.gapMicros)
  if (end > state.eventTime) visitor.segment(state.eventTime, end, state.value)
}

/** True after false, or true after a gap > G; before the first reading lies a gap without end. [KPI 11] */
function visitAlarm({ definition }: Machine, last: Carry['alarm'], reading: Reading, visitor: FactVisitor): void {
  if (reading.alarm !== true) return
  if (last === null || !last.value || reading.eventTime - last.eventTime > definition.gapMicros) {
    visitor.alarmEdge(reading)
  }
}

function visitCounters(machine: Machine, carry: Carry, reading: Reading, visitor: FactVisitor): Carry['counters'] {
  return reading.counters.map((now, index) => {
    const last = carry.counters[index]
    visitCounter(machine, index, 'total', last?.total ?? null, now.total, reading, visitor)
    visitCounter(machine, index, 'scrap', last?.scrap ?? null, now.scrap, reading, visitor)
    return {
      total: lastOf(now.total, reading, last?.total ?? null),
      scrap: lastOf(now.scrap, reading, last?.scrap ?? null),
    }
  })
}

/** The gap counts from the last reading that bore the counter. [KPI 8] */
function visitCounter(
  machine: Machine,
  index: number,
  kind: CounterKind,
  last: Last<bigint> | null,
  now: bigint | null,
  reading: Reading,
  visitor: FactVisitor,
): void {
  if (now === null || last === null) return
  const isReset = now < last.value
  if (isReset) visitor.reset(reading)
  const amount = isReset ? now : now - last.value
  if (amount > BigInt(machine.counters[index]?.field.stepMax ?? 0)) visitor.jump(reading)
  else if (amount > 0n) {
    const isAfterGap = reading.eventTime - last.eventTime > machine.definition.gapMicros
    visitor.increase(reading, index, kind, amount, isAfterGap || !isPlannedBusy(machine, reading))
  }
}

/** Whether the instant of a reading is planned busy time: by its own state, within the calendar. [KPI 7, 8] */
const isPlannedBusy = ({ working }: Machine, { state, eventTime }: Reading): boolean =>
  (state === 'producing' || state === 'down') && working.contains(eventTime)

const lastOf = <Value>(value: Value | null, { eventTime }: Reading, last: Last<Value> | null): Last<Value> | null =>
  value === null ? last : { eventTime, value }
