/** Stage B: merges integers, and keeps the highest revision. No watermark, no order. [KPI 13] */
import {
  type Accumulator,
  type AccumulatorRow,
  accumulatorColumns,
  type MeasureAccumulator,
  type MergeRule,
} from './columns.ts'

type Values = Pick<AccumulatorRow, 'accumulator' | 'measures'>

const largest = 2n ** 63n - 1n

/** The neutral element of `mergeAccumulators`. */
export const emptyAccumulator: Accumulator = {
  readings: 0n,
  flagged: 0n,
  calendarMicros: 0n,
  knownMicros: 0n,
  knownCalendarMicros: 0n,
  plannedBusyMicros: 0n,
  producingMicros: 0n,
  produced: 0n,
  producedApart: 0n,
  producedPlannedMicros: 0n,
  scrap: 0n,
  scrapApart: 0n,
  scrapPlannedMicros: 0n,
  counterResets: 0n,
  counterJumps: 0n,
  scrapMeasured: largest,
  alarmEdges: 0n,
}

const mergers = {
  sum: (a: bigint, b: bigint) => a + b,
  min: (a: bigint, b: bigint) => (a < b ? a : b),
  max: (a: bigint, b: bigint) => (a > b ? a : b),
} satisfies Record<MergeRule, (a: bigint, b: bigint) => bigint>

/** Associative and commutative. */
export function mergeAccumulators(a: Accumulator, b: Accumulator): Accumulator {
  const merged: Record<keyof Accumulator, bigint> = { ...emptyAccumulator }
  for (const { field, merge } of accumulatorColumns) merged[field] = mergers[merge](a[field], b[field])
  return merged
}

/** By measure. Throws RangeError where two scales meet: those are different specifications. */
export function mergeMeasures(
  a: readonly MeasureAccumulator[],
  b: readonly MeasureAccumulator[],
): readonly MeasureAccumulator[] {
  const merged = new Map(a.map((measure) => [measure.measure, measure]))
  for (const measure of b) {
    const other = merged.get(measure.measure)
    merged.set(measure.measure, other === undefined ? measure : mergeMeasure(other, measure))
  }
  return [...merged.values()].sort((x, y) => (x.measure < y.measure ? -1 : 1))
}

function mergeMeasure(a: MeasureAccumulator, b: MeasureAccumulator): MeasureAccumulator {
  if (a.scale !== b.scale) throw new RangeError(`measure ${a.measure} has scales ${a.scale} and ${b.scale}`)
  const { measure, unit, scale } = a
  const [n, sum] = [a.n + b.n, a.sum + b.sum]
  return { measure, unit, scale, n, sum, min: mergers.min(a.min, b.min), max: mergers.max(a.max, b.max) }
}

/** The highest revision of each (specification, version, key, window). */
export function latestRevisions(rows: Iterable<AccumulatorRow>): readonly AccumulatorRow[] {
  const latest = new Map<string, AccumulatorRow>()
  for (const row of rows) {
    const name = JSON.stringify([row.specification, row.version, row.key, row.windowStart])
    const other = latest.get(name)
    if (other === undefined || row.revision > other.revision) latest.set(name, row)
  }
  return [...latest.values()]
}

export function sameValues(a: Values, b: Values): boolean {
  return (
    accumulatorColumns.every(({ field }) => a.accumulator[field] === b.accumulator[field]) &&
    a.measures.length === b.measures.length &&
    a.measures.every((measure, index) => {
      const other = b.measures[index]
      return (
        other !== undefined &&
        measure.measure === other.measure &&
        measure.n === other.n &&
        measure.sum === other.sum &&
        measure.min === other.min &&
        measure.max === other.max
      )
    })
  )
}
