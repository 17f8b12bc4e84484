/** Final formulas as data: evaluated here, printed as SQL there, so that both can be compared. */
import type { Accumulator, MeasureAccumulator } from './columns.ts'

/** A KPI as exact decimal text with `kpiScale` places, rounded half away from zero; null where it is undefined. */
export type KpiValue = string | null
/** Decimal places of every KPI. */
export const kpiScale = 6

export interface Formula<Name extends string> {
  readonly name: Name
  readonly unit: string
  readonly explanation: string
}

export type KpiName =
  | 'availability'
  | 'effectiveness'
  | 'quality'
  | 'oee'
  | 'alarm_rate_per_hour'
  | 'coverage'
  | 'production_count'

export const kpiFormulas: readonly Formula<KpiName>[] = []

export function evaluateKpis(_accumulator: Accumulator): Readonly<Record<KpiName, KpiValue>> {
  throw new Error('not yet')
}

export function evaluateMeasure(_measure: MeasureAccumulator): {
  readonly mean: string
  readonly min: string
  readonly max: string
} {
  throw new Error('not yet')
}

/** A PostgreSQL expression over the columns of `accumulatorColumns`, of type numeric, equal to `evaluateKpis`. */
export function kpiSql(_formula: Formula<KpiName>): string {
  throw new Error('not yet')
}

/** PostgreSQL expressions over `measureColumns`. */
export function measureSql(): { readonly mean: string; readonly min: string; readonly max: string } {
  throw new Error('not yet')
}
