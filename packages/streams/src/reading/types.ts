import type { EpochMicros } from '@hawser/std'
import type { JsonRefusal } from '../json/json.ts'
import type { StateClass } from '../specification/types.ts'

/** The record that a message came from; its name is its identity. */
export interface RecordSource {
  readonly logId: string
  readonly partition: number
  readonly position: number
  /** I: when it was appended to the log. */
  readonly appendTime: EpochMicros
  readonly topic: string
  /** True for a retained value that a subscription brought at its start: no reading. */
  readonly retainedAtSubscribe?: boolean
}

export interface CounterReading {
  readonly total: bigint | null
  readonly scrap: bigint | null
}

/** What one machine said at one time. */
export interface Reading {
  /** `log/partition/position`, with `/n` behind it where an array was expanded. */
  readonly eventId: string
  readonly partition: number
  readonly position: number
  /** Place in an expanded array; else 0. */
  readonly item: number
  /** E */
  readonly eventTime: EpochMicros
  /** I */
  readonly appendTime: EpochMicros
  /** null: absent or not mapped. */
  readonly state: StateClass | null
  readonly alarm: boolean | null
  /** In the order of the machine's counters; null where absent or flagged. */
  readonly counters: readonly CounterReading[]
  /** In the order of the machine's measures: scaled integers; null where absent or flagged. */
  readonly measures: readonly (number | null)[]
  /** How many values were flagged. */
  readonly flagged: number
}

export const flagReasons = ['out-of-range', 'wrong-type'] as const
/** A value that is kept with the message, but not aggregated. */
export interface Flag {
  readonly field: string
  readonly reason: (typeof flagReasons)[number]
}

export const refusalReasons = [
  'too-large',
  'not-utf8',
  'too-deep',
  'bare-nan',
  'not-json',
  'retained',
  'no-key',
  'no-time',
  'bad-time',
  'not-an-array',
  'too-many-items',
] as const satisfies readonly (JsonRefusal | string)[]
export type RefusalReason = (typeof refusalReasons)[number]

/** Kept aside by the record alone: E more than 5 min after I, or more than the lateness before it. [KPI 2] */
export const asideReasons = ['future', 'late'] as const
export type AsideReason = (typeof asideReasons)[number]

export type ReadOutcome =
  | { readonly kind: 'admitted'; readonly key: string; readonly reading: Reading; readonly flags: readonly Flag[] }
  | {
      readonly kind: 'aside'
      readonly reason: AsideReason
      readonly key: string
      readonly reading: Reading
      readonly flags: readonly Flag[]
    }
  | { readonly kind: 'refused'; readonly eventId: string; readonly reason: RefusalReason; readonly detail: string }
