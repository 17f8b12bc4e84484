/** A KPI specification as data: what a user writes, with every default filled in. */

export const stateClasses = ['producing', 'down', 'planned-down'] as const
/** What a machine's own state means for KPIs. A state that is not mapped is unknown time. */
export type StateClass = (typeof stateClasses)[number]

export const timeFormats = ['iso8601', 'unix-seconds', 'unix-milliseconds'] as const
/** `iso8601`: date and time with `T` or a blank between, with or without an offset. */
export type TimeFormat = (typeof timeFormats)[number]

/** Where a message says which machine it speaks of. */
export type KeySource =
  | { readonly kind: 'path'; readonly path: string }
  /** A level of the topic, counted from 0. */
  | { readonly kind: 'topic-level'; readonly level: number }
  | { readonly kind: 'constant'; readonly value: string }

export interface CounterField {
  readonly name: string
  readonly path: string
  /** Numbers written as strings are taken too. */
  readonly coerce: boolean
  readonly plannedRunTimePerItemMicros: number
  /** More in one step than this is a jump and counts nothing. */
  readonly stepMax: number
  /** A counter of those among the produced that are no good. Without it quality is assumed to be 1. */
  readonly scrapPath?: string
}

export const climateFormulas = ['heat-index', 'dew-point'] as const
export type ClimateFormula = (typeof climateFormulas)[number]

export interface MeasureField {
  readonly name: string
  readonly path: string
  readonly coerce: boolean
  readonly unit: string
  /** Decimal places that are kept: sums are integers of this scale. */
  readonly scale: number
  /** Inclusive, as decimal text: exact in every engine. */
  readonly min: string
  readonly max: string
  /** The measure is computed: of the air's temperature in °C at `path`, and its relative humidity in % elsewhere. */
  readonly derive?: { readonly formula: ClimateFormula; readonly humidityPath: string }
}

export interface Shift {
  readonly name: string
  /** Days on which it starts: 1 Monday … 7 Sunday. */
  readonly days: readonly number[]
  /** `HH:MM` in the machine's zone. */
  readonly from: string
  /** `HH:MM`; not later than `from` means on the next day. */
  readonly to: string
}

/** Planned working time. */
export interface Calendar {
  readonly shifts: readonly Shift[]
}

export type Windowing =
  /** Aligned to the epoch in UTC. */
  | { readonly kind: 'tumbling'; readonly micros: number }
  /** One window per shift of the calendar, and one for each stretch between shifts. */
  | { readonly kind: 'shift' }

/** All that may differ from machine to machine. */
export interface MachineDefinition {
  /** IANA name, for times without an offset and for the calendar. */
  readonly zone: string
  readonly time: { readonly path: string; readonly format: TimeFormat; readonly coerce: boolean }
  readonly state?: { readonly path: string; readonly classes: Readonly<Record<string, StateClass>> }
  readonly alarm?: { readonly path: string }
  readonly calendar?: Calendar
  readonly counters: readonly CounterField[]
  readonly measures: readonly MeasureField[]
  /** G: a reading holds its state no longer than this. */
  readonly gapMicros: number
  /** L: older than this at its append, a reading is late. `none` for recordings. */
  readonly latenessMicros: number | 'none'
  readonly window: Windowing
  /**
   * How many readings of one machine Stage A keeps open for stragglers. Where more are open the oldest are summed up
   * and sealed, whatever the lateness: for recordings, which have none, it is the only bound.
   */
  readonly retainedMax: number
}

export interface SpecificationData {
  readonly name: string
  readonly version: number
  /** MQTT topic filter of the messages it is computed from. */
  readonly filter: string
  readonly key: KeySource
  /** Path of an array whose elements are readings of their own (`event_id/n`); '' is the whole message. */
  readonly expand?: string
  readonly machine: MachineDefinition
  /** Machines that differ, by key: each entry is `machine` with the fields replaced that it names. */
  readonly machines: Readonly<Record<string, MachineDefinition>>
}
