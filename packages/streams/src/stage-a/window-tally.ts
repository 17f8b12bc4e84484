/** Adds up the facts of one window. Mutable, and never seen outside Stage A. */
import { type EpochMicros, epochMicros } from '@hawser/std'
import type { Reading } from '../reading/types.ts'
import type { Machine } from '../specification/machine.ts'
import type { StateClass } from '../specification/types.ts'
import type { Accumulator, MeasureAccumulator } from '../stage-b/columns.ts'
import type { Interval } from '../time/calendar.ts'
import type { WindowValue } from './types.ts'
import type { CounterKind } from './walk.ts'

interface MeasureTally {
  n: bigint
  sum: bigint
  min: bigint
  max: bigint
}

export class WindowTally {
  readonly windowStart: EpochMicros
  readonly windowEnd: EpochMicros
  readonly #machine: Machine
  readonly #measures: (MeasureTally | undefined)[] = []
  #readings = 0
  #flagged = 0
  #knownMicros = 0
  #knownCalendarMicros = 0
  #plannedBusyMicros = 0
  #producingMicros = 0
  #produced = 0n
  #producedApart = 0n
  #producedPlannedMicros = 0n
  #scrap = 0n
  #scrapApart = 0n
  #scrapPlannedMicros = 0n
  #resets = 0
  #jumps = 0
  #alarmEdges = 0

  constructor(machine: Machine, window: Interval) {
    this.#machine = machine
    this.windowStart = epochMicros(window.start)
    this.windowEnd = epochMicros(window.end)
  }

  /** Goes on from what was added up before. */
  static from(machine: Machine, value: WindowValue): WindowTally {
    const tally = new WindowTally(machine, { start: value.windowStart, end: value.windowEnd })
    const { accumulator } = value
    tally.#readings = Number(accumulator.readings)
    tally.#flagged = Number(accumulator.flagged)
    tally.#knownMicros = Number(accumulator.knownMicros)
    tally.#knownCalendarMicros = Number(accumulator.knownCalendarMicros)
    tally.#plannedBusyMicros = Number(accumulator.plannedBusyMicros)
    tally.#producingMicros = Number(accumulator.producingMicros)
    tally.#produced = accumulator.produced
    tally.#producedApart = accumulator.producedApart
    tally.#producedPlannedMicros = accumulator.producedPlannedMicros
    tally.#scrap = accumulator.scrap
    tally.#scrapApart = accumulator.scrapApart
    tally.#scrapPlannedMicros = accumulator.scrapPlannedMicros
    tally.#resets = Number(accumulator.counterResets)
    tally.#jumps = Number(accumulator.counterJumps)
    tally.#alarmEdges = Number(accumulator.alarmEdges)
    for (const { measure, n, sum, min, max } of value.measures) {
      const index = machine.measures.findIndex(({ field }) => field.name === measure)
      if (index >= 0) tally.#measures[index] = { n, sum, min, max }
    }
    return tally
  }

  addReading({ flagged, measures }: Reading): void {
    this.#readings++
    this.#flagged += flagged
    measures.forEach((value, index) => {
      if (value !== null) this.#addMeasure(index, BigInt(value))
    })
  }

  /** [start, end) lies within the window. Planned busy = known ∩ calendar − planned down. [KPI 7] */
  addTime(start: number, end: number, state: StateClass): void {
    const workingMicros = this.#machine.working.overlapMicros(start, end)
    this.#knownMicros += end - start
    this.#knownCalendarMicros += workingMicros
    if (state === 'planned-down') return
    this.#plannedBusyMicros += workingMicros
    if (state === 'producing') this.#producingMicros += workingMicros
  }

  addIncrease(counter: number, kind: CounterKind, amount: bigint, apart: boolean): void {
    const planned = BigInt(this.#machine.counters[counter]?.field.plannedRunTimePerItemMicros ?? 0) * amount
    if (kind === 'total') {
      if (apart) this.#producedApart += amount
      else {
        this.#produced += amount
        this.#producedPlannedMicros += planned
      }
    } else if (apart) this.#scrapApart += amount
    else {
      this.#scrap += amount
      this.#scrapPlannedMicros += planned
    }
  }

  addReset(): void {
    this.#resets++
  }

  addJump(): void {
    this.#jumps++
  }

  addAlarmEdge(): void {
    this.#alarmEdges++
  }

  value(): WindowValue {
    const { windowStart, windowEnd } = this
    return { windowStart, windowEnd, accumulator: this.#accumulator(), measures: this.#measureAccumulators() }
  }

  #accumulator(): Accumulator {
    const calendarMicros = this.#machine.working.overlapMicros(this.windowStart, this.windowEnd)
    return {
      readings: BigInt(this.#readings),
      flagged: BigInt(this.#flagged),
      calendarMicros: BigInt(calendarMicros),
      knownMicros: BigInt(this.#knownMicros),
      knownCalendarMicros: BigInt(this.#knownCalendarMicros),
      plannedBusyMicros: BigInt(this.#plannedBusyMicros),
      producingMicros: BigInt(this.#producingMicros),
      produced: this.#produced,
      producedApart: this.#producedApart,
      producedPlannedMicros: this.#producedPlannedMicros,
      scrap: this.#scrap,
      scrapApart: this.#scrapApart,
      scrapPlannedMicros: this.#scrapPlannedMicros,
      counterResets: BigInt(this.#resets),
      counterJumps: BigInt(this.#jumps),
      scrapMeasured: this.#machine.scrapMeasured ? 1n : 0n,
      alarmEdges: BigInt(this.#alarmEdges),
    }
  }

  #measureAccumulators(): readonly MeasureAccumulator[] {
    return this.#machine.measures.flatMap(({ field }, index) => {
      const tally = this.#measures[index]
      return tally === undefined ? [] : [{ measure: field.name, unit: field.unit, scale: field.scale, ...tally }]
    })
  }

  #addMeasure(index: number, value: bigint): void {
    const tally = this.#measures[index]
    if (tally === undefined) this.#measures[index] = { n: 1n, sum: value, min: value, max: value }
    else {
      tally.n++
      tally.sum += value
      if (value < tally.min) tally.min = value
      if (value > tally.max) tally.max = value
    }
  }
}
