/** One window of one machine with its final values, as people read it. */
import type { EpochMicros } from '@hawser/std'
import { type AccumulatorRow, evaluateKpis, evaluateMeasure, type KpiName, type KpiValue } from '@hawser/streams'

export interface KpiMeasure {
  readonly measure: string
  readonly unit: string
  /** Samples. */
  readonly n: number
  /** Decimal text, as the other two: exact. */
  readonly mean: string
  readonly min: string
  readonly max: string
}

export interface KpiWindow {
  readonly specification: string
  readonly version: number
  readonly machine: string
  readonly windowStart: EpochMicros
  /** Exclusive. */
  readonly windowEnd: EpochMicros
  /** False: provisional, the window is still open. */
  readonly final: boolean
  readonly readings: number
  readonly alarmEdges: number
  /** Decimal text; null where undefined. */
  readonly values: Readonly<Record<KpiName, KpiValue>>
  /** No scrap is counted: quality is taken to be 1. */
  readonly qualityAssumed: boolean
  readonly measures: readonly KpiMeasure[]
}

export function kpiWindow(row: AccumulatorRow): KpiWindow {
  const { values, qualityAssumed } = evaluateKpis(row.accumulator)
  return {
    specification: row.specification,
    version: row.version,
    machine: row.key,
    windowStart: row.windowStart,
    windowEnd: row.windowEnd,
    final: row.final,
    readings: Number(row.accumulator.readings),
    alarmEdges: Number(row.accumulator.alarmEdges),
    values,
    qualityAssumed,
    measures: row.measures.map((measure) => ({
      measure: measure.measure,
      unit: measure.unit,
      n: Number(measure.n),
      ...evaluateMeasure(measure),
    })),
  }
}
