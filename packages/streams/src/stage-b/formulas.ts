/**
 * Final formulas, made at read time from merged integers. As data: `evaluate.ts` computes them, `sql.ts` prints them,
 * and both give the same digits.
 *
 * Availability, effectiveness, quality ratio and OEE index are those of ISO 22400-2:2014, clause 6 (descriptions of
 * KPIs, by these names), over the time and quantity elements of its clause 5: planned busy time, actual production
 * time, planned run time per item, produced and good quantity. The OEE index is there the product of the three; here
 * its factors are cancelled, so that a machine that stood still has 0 and not 0 · undefined. [KPI 10]
 */
import type { Accumulator } from './columns.ts'

/** Places after the point of every KPI; rounded half away from zero. */
export const kpiScale = 6

/** The sum of columns, each times a constant. */
export type Linear = Partial<Record<keyof Accumulator, bigint>>

/** `numerator / denominator`; null where the denominator is 0. */
export interface Ratio {
  readonly numerator: Linear
  /** Left out: 1. */
  readonly denominator?: Linear
}

export interface Formula {
  readonly name: KpiName
  readonly unit: string
  readonly explanation: string
  readonly ratio: Ratio
  /** Where this column is 0 the KPI is 1, and assumed. */
  readonly assumedUnless?: keyof Accumulator
}

export const kpiNames = [
  'availability',
  'effectiveness',
  'quality',
  'oee',
  'alarm_rate_per_hour',
  'coverage',
  'production_count',
] as const
export type KpiName = (typeof kpiNames)[number]

const microsPerHour = 3_600_000_000n

export const kpiFormulas: readonly Formula[] = [
  {
    name: 'availability',
    unit: '1',
    explanation: 'actual production time ÷ planned busy time',
    ratio: { numerator: { producingMicros: 1n }, denominator: { plannedBusyMicros: 1n } },
  },
  {
    name: 'effectiveness',
    unit: '1',
    explanation: 'Σ planned run time per item · produced ÷ actual production time, not capped',
    ratio: { numerator: { producedPlannedMicros: 1n }, denominator: { producingMicros: 1n } },
  },
  {
    name: 'quality',
    unit: '1',
    explanation: 'good ÷ produced; 1 where scrap is not counted, and then assumed',
    ratio: { numerator: { produced: 1n, scrap: -1n }, denominator: { produced: 1n } },
    assumedUnless: 'scrapMeasured',
  },
  {
    name: 'oee',
    unit: '1',
    explanation: 'Σ planned run time per item · good ÷ planned busy time',
    ratio: {
      numerator: { producedPlannedMicros: 1n, scrapPlannedMicros: -1n },
      denominator: { plannedBusyMicros: 1n },
    },
  },
  {
    name: 'alarm_rate_per_hour',
    unit: '1/h',
    explanation: 'alarm edges per hour of known time',
    ratio: { numerator: { alarmEdges: microsPerHour }, denominator: { knownMicros: 1n } },
  },
  {
    name: 'coverage',
    unit: '1',
    explanation: 'known time in the calendar ÷ calendar time',
    ratio: { numerator: { knownCalendarMicros: 1n }, denominator: { calendarMicros: 1n } },
  },
  {
    name: 'production_count',
    unit: 'items',
    explanation: 'produced in planned busy time, without what came after gaps',
    ratio: { numerator: { produced: 1n } },
  },
]
