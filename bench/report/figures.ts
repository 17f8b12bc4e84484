/** From runs to what a table says of them. */
import type { BrokerName } from '../brokers/broker-kind.ts'
import type { Bound, Measurement } from '../rows/row.ts'
import type { RowResult } from './results.ts'

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Undefined where there is nothing to be in the middle of. */
export function spread(values: readonly number[]): Spread | undefined {
  const sorted = values.toSorted((left, right) => left - right)
  const [min, max] = [sorted[0], sorted.at(-1)]
  if (min === undefined || max === undefined) return undefined
  const upper = sorted[sorted.length >> 1] ?? max
  const lower = sorted[(sorted.length - 1) >> 1] ?? min
  return { median: (lower + upper) / 2, min, max }
}

const values = (runs: readonly Measurement[]): number[] => runs.map(({ value }) => value)

export const medianOf = (results: readonly RowResult[], row: string, broker: BrokerName): number | undefined =>
  spread(values(results.find((result) => result.row === row && result.broker === broker)?.runs ?? []))?.median

export const spreadOf = (result: RowResult): Spread | undefined => spread(values(result.runs))

/** The median over the runs of something that not all of them know. */
export const medianOver = ({ runs }: RowResult, pick: (run: Measurement) => number | undefined): number | undefined =>
  spread(runs.flatMap((run) => pick(run) ?? []))?.median

export const sumOver = ({ runs }: RowResult, pick: (run: Measurement) => number | undefined): number =>
  runs.reduce((sum, run) => sum + (pick(run) ?? 0), 0)

/** Undefined where the figure that the bound is about, or Mosquitto's, was not measured. */
export function isMet(bound: Bound, median: number | undefined, mosquitto: number | undefined): boolean | undefined {
  if (median === undefined) return undefined
  switch (bound.kind) {
    case 'at most':
      return median <= bound.value
    case 'at least × Mosquitto':
      return mosquitto === undefined ? undefined : median >= bound.factor * mosquitto
    case 'at most × Mosquitto':
      return mosquitto === undefined ? undefined : median <= bound.factor * mosquitto
    default:
      throw bound satisfies never
  }
}
