import type { Accumulator, AccumulatorRow, MeasureAccumulator } from './columns.ts'

/** Associative and commutative; `emptyAccumulator` is its neutral element. */
export function mergeAccumulators(_a: Accumulator, _b: Accumulator): Accumulator {
  throw new Error('not yet')
}

export function mergeMeasures(
  _a: readonly MeasureAccumulator[],
  _b: readonly MeasureAccumulator[],
): readonly MeasureAccumulator[] {
  throw new Error('not yet')
}

/** The highest revision of each (specification, version, key, window). */
export function latestRevisions(_rows: Iterable<AccumulatorRow>): readonly AccumulatorRow[] {
  throw new Error('not yet')
}
