import type { EpochMicros } from '@hawser/std'
import type { Reading } from '../reading/types.ts'
import type { AccumulatorRow } from '../stage-b/columns.ts'

/** The place of a reading in its machine's order. [KPI 3] */
export type ReadingOrder = Pick<Reading, 'eventTime' | 'appendTime' | 'partition' | 'position' | 'item' | 'eventId'>

/** The last of something before a point in the order. */
export interface Last<Value> {
  readonly eventTime: EpochMicros
  readonly value: Value
}

/** What later readings need to know of those before them. */
export interface Carry {
  readonly state: Last<Reading['state']> | null
  readonly alarm: Last<boolean> | null
  /** In the order of the machine's counters; a counter that was not seen yet may be missing. */
  readonly counters: readonly { readonly total: Last<bigint> | null; readonly scrap: Last<bigint> | null }[]
}

/** The integers of one window, without whose they are. */
export type WindowValue = Pick<AccumulatorRow, 'windowStart' | 'windowEnd' | 'accumulator' | 'measures'>

/** What is left of readings that will not be looked at again. */
export interface Sealed {
  /** The last of them: what comes before it in the order is too late for Stage A. */
  readonly last: ReadingOrder
  readonly carry: Carry
  /** What they gave to the window of `last`, up to its event time. */
  readonly partial: WindowValue
}

/**
 * All that Stage A remembers of one machine. Opaque to others: they store it by `encodeMachineState`, in the same
 * transaction as the rows and the cursor.
 */
export interface MachineState {
  readonly sealed: Sealed | null
  /** Windows that end here or earlier are final. */
  readonly finalUntil: EpochMicros
  readonly revision: number
  /** In order, all behind `sealed.last`; bounded by the machine's `retainedMax`. */
  readonly retained: readonly Reading[]
}

/** A machine of which nothing was heard yet. */
export const emptyMachineState: MachineState = {
  sealed: null,
  finalUntil: Number.MIN_SAFE_INTEGER as EpochMicros,
  revision: 0,
  retained: [],
}

export interface AlarmEdge {
  readonly eventId: string
  readonly eventTime: EpochMicros
}

export interface MachineStep {
  /** The same object where nothing changed: then there is nothing to store. */
  readonly state: MachineState
  /** Only rows that changed, with a higher revision than any before. */
  readonly rows: readonly AccumulatorRow[]
  /** Changes to the machine's list of alarm edges: a straggler can add one, and take one away. */
  readonly alarms: { readonly added: readonly AlarmEdge[]; readonly removed: readonly AlarmEdge[] }
  /** Readings that were there already. */
  readonly duplicates: number
  /** Admitted, but no longer open to Stage A: kept aside and counted as `sealed`. Repeats of sealed readings too. */
  readonly sealed: readonly Reading[]
}
