/**
 * The accumulator rows: what Stage A hands over and all that Stage B, SQL and Spark read.
 *
 * One `AccumulatorRow` per (specification, version, key, window). A reader keeps the highest revision of each.
 * The measures of a window stand in rows of their own, so that one pair of tables serves every specification.
 * All values are integers of at most 64 bits; ratios are made at read time (`formulas.ts`).
 */
import type { EpochMicros } from '@hawser/std'

/** How two values of a column become one where windows or keys are merged. */
export type MergeRule = 'sum' | 'min' | 'max'

/** The integers of one window. Durations are microseconds. */
export interface Accumulator {
  /** Admitted readings with an event time in the window. */
  readonly readings: bigint
  /** Values of those readings that were kept but not aggregated: out of range, of a wrong type. */
  readonly flagged: bigint
  /** The window's time in the calendar; without a calendar the window's length. */
  readonly calendarMicros: bigint
  /** Time in a mapped state. */
  readonly knownMicros: bigint
  /** The part of `knownMicros` within the calendar. */
  readonly knownCalendarMicros: bigint
  /** Known time in the calendar, without planned down time. */
  readonly plannedBusyMicros: bigint
  /** The part of `plannedBusyMicros` spent producing: ISO 22400-2's actual production time. */
  readonly producingMicros: bigint
  readonly produced: bigint
  /** Increases after a gap or outside planned busy time: no part of `produced`. */
  readonly producedApart: bigint
  /** Σ planned run time per item · produced. */
  readonly producedPlannedMicros: bigint
  readonly scrap: bigint
  readonly scrapApart: bigint
  /** Σ planned run time per item · scrap. */
  readonly scrapPlannedMicros: bigint
  readonly counterResets: bigint
  readonly counterJumps: bigint
  /** 1 where every counter has a scrap path, else 0: quality is then assumed. */
  readonly scrapMeasured: bigint
  readonly alarmEdges: bigint
}

/** One measure in one window: scaled integers, `value = integer / 10 ** scale`. */
export interface MeasureAccumulator {
  readonly measure: string
  readonly unit: string
  readonly scale: number
  readonly n: bigint
  readonly sum: bigint
  readonly min: bigint
  readonly max: bigint
}

export interface WindowKey {
  readonly specification: string
  readonly version: number
  readonly key: string
  readonly windowStart: EpochMicros
  /** Exclusive. */
  readonly windowEnd: EpochMicros
}

export interface AccumulatorRow extends WindowKey {
  /** Grows with each row of the same (specification, version, key). */
  readonly revision: number
  /** False: provisional, the window is open. A final row may still be followed by a higher revision. */
  readonly final: boolean
  readonly accumulator: Accumulator
  /** Only measures with n > 0. They never disappear from one revision to the next. */
  readonly measures: readonly MeasureAccumulator[]
}

export type SqlType = 'text' | 'integer' | 'bigint' | 'boolean'

export interface Column {
  readonly name: string
  readonly type: SqlType
}

/** Shared by both tables; together the primary key of the first (`measure` is added in the second). */
export const keyColumns = [
  { name: 'specification', type: 'text' },
  { name: 'version', type: 'integer' },
  { name: 'key', type: 'text' },
  { name: 'window_start_micros', type: 'bigint' },
] as const satisfies readonly Column[]

/** Behind the key in both tables. */
export const stateColumns = [
  { name: 'window_end_micros', type: 'bigint' },
  { name: 'revision', type: 'bigint' },
  { name: 'final', type: 'boolean' },
] as const satisfies readonly Column[]

export interface AccumulatorColumn extends Column {
  readonly field: keyof Accumulator
  readonly type: 'bigint'
  readonly merge: MergeRule
}

const column = (name: string, field: keyof Accumulator, merge: MergeRule = 'sum'): AccumulatorColumn => ({
  name,
  field,
  type: 'bigint',
  merge,
})

export const accumulatorColumns: readonly AccumulatorColumn[] = [
  column('readings', 'readings'),
  column('flagged', 'flagged'),
  column('calendar_micros', 'calendarMicros'),
  column('known_micros', 'knownMicros'),
  column('known_calendar_micros', 'knownCalendarMicros'),
  column('planned_busy_micros', 'plannedBusyMicros'),
  column('producing_micros', 'producingMicros'),
  column('produced', 'produced'),
  column('produced_apart', 'producedApart'),
  column('produced_planned_micros', 'producedPlannedMicros'),
  column('scrap', 'scrap'),
  column('scrap_apart', 'scrapApart'),
  column('scrap_planned_micros', 'scrapPlannedMicros'),
  column('counter_resets', 'counterResets'),
  column('counter_jumps', 'counterJumps'),
  column('scrap_measured', 'scrapMeasured', 'min'),
  column('alarm_edges', 'alarmEdges'),
]

export interface MeasureColumn extends Column {
  readonly field: keyof MeasureAccumulator
  /** Absent where the value names the measure and is the same in all rows of it. */
  readonly merge?: MergeRule
}

export const measureColumns: readonly MeasureColumn[] = [
  { name: 'measure', field: 'measure', type: 'text' },
  { name: 'unit', field: 'unit', type: 'text' },
  { name: 'scale', field: 'scale', type: 'integer' },
  { name: 'n', field: 'n', type: 'bigint', merge: 'sum' },
  { name: 'sum', field: 'sum', type: 'bigint', merge: 'sum' },
  { name: 'min', field: 'min', type: 'bigint', merge: 'min' },
  { name: 'max', field: 'max', type: 'bigint', merge: 'max' },
]
