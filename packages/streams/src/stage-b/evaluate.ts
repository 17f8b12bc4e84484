/** Formulas → exact decimal text. */
import { divideRounded, scaledToText } from '../decimal/decimal.ts'
import { type Accumulator, accumulatorColumns, type MeasureAccumulator } from './columns.ts'
import { type Formula, type KpiName, kpiFormulas, kpiScale, type Linear } from './formulas.ts'

/** Decimal text with `kpiScale` places; null where undefined. */
export type KpiValue = string | null

export interface Kpis {
  readonly values: Readonly<Record<KpiName, KpiValue>>
  /** Scrap is not counted: quality is taken to be 1, in OEE too. */
  readonly qualityAssumed: boolean
}

const unit = 10n ** BigInt(kpiScale)

export function evaluateKpis(accumulator: Accumulator): Kpis {
  const entries = kpiFormulas.map((formula) => [formula.name, evaluate(formula, accumulator)] as const)
  return {
    values: Object.fromEntries(entries) as Record<KpiName, KpiValue>,
    qualityAssumed: accumulator.scrapMeasured === 0n,
  }
}

function evaluate({ ratio, assumedUnless }: Formula, accumulator: Accumulator): KpiValue {
  if (assumedUnless !== undefined && accumulator[assumedUnless] === 0n) return scaledToText(unit, kpiScale)
  const denominator = ratio.denominator === undefined ? 1n : linear(ratio.denominator, accumulator)
  if (denominator === 0n) return null
  return scaledToText(divideRounded(linear(ratio.numerator, accumulator) * unit, denominator), kpiScale)
}

const linear = (terms: Linear, accumulator: Accumulator): bigint =>
  accumulatorColumns.reduce((sum, { field }) => sum + (terms[field] ?? 0n) * accumulator[field], 0n)

export interface MeasureValues {
  /** With `kpiScale` places; per sample, not weighted by time. [KPI 12] */
  readonly mean: string
  /** With the measure's own scale: exact. */
  readonly min: string
  readonly max: string
}

export function evaluateMeasure({ n, sum, min, max, scale }: MeasureAccumulator): MeasureValues {
  return {
    mean: scaledToText(divideRounded(sum * unit, n * 10n ** BigInt(scale)), kpiScale),
    min: scaledToText(min, scale),
    max: scaledToText(max, scale),
  }
}
