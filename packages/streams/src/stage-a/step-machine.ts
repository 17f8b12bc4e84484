/**
 * Stage A: admitted readings of one machine → accumulator rows. A value is a function of the set of readings that
 * were admitted: each step computes the windows that new readings can have changed from what is still open, and
 * hands over those that did change.
 *
 * What is open: a window is final once no reading can be admitted to it. Its readings stay open for `reopenMicros`
 * more, should clocks of partitions disagree; then they are sealed. No more than `retainedMax` readings of a machine
 * are open: with more, the oldest by event time are sealed, whatever the lateness. Recordings (`none`) know only this
 * bound: a row that comes after `retainedMax` later ones is handed back as `sealed`, and a recomputation from the
 * raw table with a larger bound takes it in. The bound counts readings, not time, so that one reading far in the
 * future closes nothing.
 */
import { type EpochMicros, epochMicros } from '@hawser/std'
import type { Reading } from '../reading/types.ts'
import type { Machine } from '../specification/machine.ts'
import type { Specification } from '../specification/specification.ts'
import type { AccumulatorRow } from '../stage-b/columns.ts'
import { emptyAccumulator, sameValues } from '../stage-b/merge.ts'
import { type Admitted, admit } from './admit.ts'
import { seal } from './seal.ts'
import { type Tallies, tallyAll } from './tallies.ts'
import type { MachineState, MachineStep, WindowValue } from './types.ts'

/** How long readings of a final window stay open. */
export const reopenMicros = 5 * 60_000_000

/**
 * Adds admitted readings of one machine, in any order, and says which rows and alarms changed.
 *
 * `seenUntil` is what the caller promises: every record appended before it has been given to Stage A (the least
 * over the partitions; now, where a reader stands at the end of its partition). It makes windows final and lets old
 * readings go; call with no readings when only time has passed.
 */
export function stepMachine(
  specification: Specification,
  key: string,
  state: MachineState,
  readings: readonly Reading[],
  seenUntil: EpochMicros,
): MachineStep {
  const machine = specification.machine(key)
  const admitted = admit(state, readings, machine.definition.retainedMax)
  const finalByTime = finalUntilBy(machine, state, seenUntil)
  const sealCount = Math.max(admitted.overflow, firstNotBefore(admitted.readings, finalByTime - reopenMicros))
  const lastSealed = admitted.readings[sealCount - 1]
  const finalUntil = epochMicros(Math.max(finalByTime, lastSealed?.eventTime ?? finalByTime))

  const { rows, alarms } = changes(machine, specification, key, state, admitted, finalUntil)
  const isSame = admitted.added.length === 0 && rows.length === 0 && sealCount === 0
  const next: MachineState = {
    sealed: seal(machine, state.sealed, admitted.readings.slice(0, sealCount)),
    finalUntil,
    revision: rows.length > 0 ? state.revision + 1 : state.revision,
    retained: admitted.readings.slice(sealCount),
  }
  return {
    state: isSame ? state : next,
    rows,
    alarms,
    duplicates: admitted.duplicates,
    sealed: admitted.sealed,
  }
}

/** No reading before I − L is admitted, and no record with an I before `seenUntil` is to come. [KPI 2, 4] */
function finalUntilBy({ definition }: Machine, { finalUntil }: MachineState, seenUntil: EpochMicros): number {
  const { latenessMicros } = definition
  return latenessMicros === 'none' ? finalUntil : Math.max(finalUntil, seenUntil - latenessMicros)
}

/** Index of the first reading with an event time of `micros` or later. */
function firstNotBefore(readings: readonly Reading[], micros: number): number {
  const index = readings.findIndex(({ eventTime }) => eventTime >= micros)
  return index < 0 ? readings.length : index
}

type Changes = Pick<MachineStep, 'rows' | 'alarms'>
const noChanges: Changes = { rows: [], alarms: { added: [], removed: [] } }

/** A reading changes nothing before its own time, so that only windows from the first new one on are compared. */
function changes(
  machine: Machine,
  specification: Specification,
  key: string,
  state: MachineState,
  admitted: Admitted,
  finalUntil: EpochMicros,
): Changes {
  const closesWindow = finalUntil > state.finalUntil && machine.windows.at(finalUntil).start > state.finalUntil
  if (admitted.added.length === 0 && !closesWindow) return noChanges
  const firstNew = admitted.added.reduce((first, { eventTime }) => Math.min(first, eventTime), Number.POSITIVE_INFINITY)
  const from = closesWindow ? Number.NEGATIVE_INFINITY : machine.windows.at(firstNew).start
  const before = tallyAll(machine, state.sealed, state.retained, from)
  const after = admitted.added.length === 0 ? before : tallyAll(machine, state.sealed, admitted.readings, from)

  const known = before.values()
  const row = (value: WindowValue): AccumulatorRow => ({
    specification: specification.name,
    version: specification.version,
    key,
    revision: state.revision + 1,
    final: value.windowEnd <= finalUntil,
    ...value,
  })
  const rows = changedValues(known, after.values(), (value) => {
    const wasFinal = value.windowEnd <= state.finalUntil
    return !wasFinal && value.windowEnd <= finalUntil
  }).map(row)
  return { rows, alarms: alarmChanges(before, after) }
}

function changedValues(
  before: ReadonlyMap<number, WindowValue>,
  after: ReadonlyMap<number, WindowValue>,
  becomesFinal: (value: WindowValue) => boolean,
): readonly WindowValue[] {
  const changed: WindowValue[] = []
  for (const [start, value] of after) {
    const known = before.get(start)
    if (known === undefined || !sameValues(known, value) || becomesFinal(value)) changed.push(value)
  }
  // A straggler can take from a window the only thing in it: the end of the state before it.
  for (const [start, value] of before) {
    if (!after.has(start)) changed.push({ ...value, accumulator: emptied(value), measures: [] })
  }
  return changed.sort((a, b) => a.windowStart - b.windowStart)
}

const emptied = ({ accumulator }: WindowValue): WindowValue['accumulator'] => ({
  ...emptyAccumulator,
  calendarMicros: accumulator.calendarMicros,
  scrapMeasured: accumulator.scrapMeasured,
})

function alarmChanges(before: Tallies, after: Tallies): MachineStep['alarms'] {
  const missing = (from: Tallies, other: Tallies) =>
    [...from.alarmEdges.values()].filter(({ eventId }) => !other.alarmEdges.has(eventId))
  return { added: missing(after, before), removed: missing(before, after) }
}
