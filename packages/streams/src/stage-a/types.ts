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
  /** In the order of the machine's counters. */
  readonly totals: readonly (Last<number> | null)[]
  readonly scraps: readonly (Last<number> | null)[]
}

/**
 * All that Stage A remembers of one machine. Opaque to others: they store it by `encodeMachineState`, in the same
 * transaction as the rows and the cursor.
 */
export interface MachineState {
  /** Everything before it in the order is summed up in `carry` and `partial`, and will not be looked at again. */
  readonly sealed: {
    readonly before: ReadingOrder
    readonly carry: Carry
    readonly partial: AccumulatorRow | null
  } | null
  /** Windows that end here or earlier are final. */
  readonly finalUntil: EpochMicros
  readonly revision: number
  /** In order, none before `sealed.before`. */
  readonly retained: readonly Reading[]
}

export interface AlarmEdge {
  readonly eventId: string
  readonly eventTime: EpochMicros
}

/** A machine of which nothing was heard yet. */
export const emptyMachineState: MachineState = {
  sealed: null,
  finalUntil: Number.MIN_SAFE_INTEGER as EpochMicros,
  revision: 0,
  retained: [],
}

export interface MachineStep {
  readonly state: MachineState
  /** Only rows that changed, with a higher revision than any before. */
  readonly rows: readonly AccumulatorRow[]
  /** Changes to the machine's list of alarm edges: a straggler can add one, and take one away. */
  readonly alarms: { readonly added: readonly AlarmEdge[]; readonly removed: readonly AlarmEdge[] }
  /** Readings that were there already. */
  readonly duplicates: number
  /** Admitted, but before the sealed point: kept aside and counted as `sealed`. */
  readonly sealed: readonly Reading[]
}
