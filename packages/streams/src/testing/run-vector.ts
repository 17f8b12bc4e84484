/** Runs the records of a vector through the package, and gives the result the shape that vectors have. */
import { epochMicros } from '@hawser/std'
import {
  type AccumulatorRow,
  accumulatorColumns,
  decodeMachineState,
  defineSpecification,
  emptyMachineState,
  encodeMachineState,
  evaluateKpis,
  evaluateMeasure,
  latestRevisions,
  type MachineState,
  type Reading,
  readTelemetry,
  type Specification,
  stepMachine,
} from '../mod.ts'

export interface VectorRecord {
  readonly logId: string
  readonly partition: number
  readonly position: number
  readonly appendTime: number
  readonly topic: string
  readonly payload: string
}

export interface VectorWindow {
  readonly key: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly accumulator: Readonly<Record<string, string>>
  readonly measures: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly kpis: Readonly<Record<string, string | null>>
}

export interface VectorResult {
  readonly counts: Readonly<Record<string, number>>
  readonly windows: readonly VectorWindow[]
}

export interface Vector {
  readonly specification: unknown
  readonly records: readonly VectorRecord[]
}

const beginning = epochMicros(Number.MIN_SAFE_INTEGER)

/** Record by record; after every `storeEvery` steps the state is stored and read again. */
export function runVector({ specification: data, records }: Vector, storeEvery = 1): VectorResult {
  const specification = defineSpecification(data)
  const counts: Record<string, number> = {}
  const states = new Map<string, MachineState>()
  let steps = 0
  const rows: AccumulatorRow[] = []
  const count = (reason: string, times = 1): void => {
    if (times > 0) counts[reason] = (counts[reason] ?? 0) + times
  }
  const give = (key: string, reading: Reading): void => {
    const step = stepMachine(specification, key, states.get(key) ?? emptyMachineState, [reading], beginning)
    const isStored = ++steps % storeEvery === 0
    states.set(key, isStored ? decodeMachineState(encodeMachineState(step.state)) : step.state)
    rows.push(...step.rows)
    count('duplicate', step.duplicates)
    count('sealed', step.sealed.length)
  }
  for (const { payload, appendTime, ...place } of records) {
    const source = { ...place, appendTime: epochMicros(appendTime) }
    for (const outcome of readTelemetry(specification, source, new TextEncoder().encode(payload))) {
      if (outcome.kind === 'admitted') give(outcome.key, outcome.reading)
      else count(outcome.reason)
    }
  }
  return { counts: sortedByKey(counts), windows: vectorWindows(rows) }
}

const sortedByKey = <Value>(record: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))

/** What a reader of the rows sees: the highest revisions, without windows that stragglers have emptied. */
export function vectorWindows(rows: readonly AccumulatorRow[]): readonly VectorWindow[] {
  return latestRevisions(rows)
    .filter(({ accumulator }) => accumulator.readings > 0n || accumulator.knownMicros > 0n)
    .sort((a, b) => (a.key === b.key ? a.windowStart - b.windowStart : a.key < b.key ? -1 : 1))
    .map(vectorWindow)
}

function vectorWindow({ key, windowStart, windowEnd, accumulator, measures }: AccumulatorRow): VectorWindow {
  return {
    key,
    windowStart,
    windowEnd,
    accumulator: Object.fromEntries(accumulatorColumns.map(({ field }) => [field, String(accumulator[field])])),
    measures: Object.fromEntries(
      measures.map((measure) => {
        const { n, sum, min, max } = measure
        const { mean } = evaluateMeasure(measure)
        return [measure.measure, { n: `${n}`, sum: `${sum}`, min: `${min}`, max: `${max}`, mean }]
      }),
    ),
    kpis: evaluateKpis(accumulator).values,
  }
}

/** What Stage A hands over when it is given these readings in batches of some sizes. */
export function rowsOf(
  specification: Specification,
  key: string,
  readings: readonly Reading[],
  batchSizes: readonly number[],
): readonly AccumulatorRow[] {
  let state = emptyMachineState
  const rows: AccumulatorRow[] = []
  for (let at = 0, batch = 0; at < readings.length; batch++) {
    const size = batchSizes[batch % batchSizes.length] ?? 1
    const step = stepMachine(specification, key, state, readings.slice(at, at + size), beginning)
    rows.push(...step.rows)
    state = step.state
    at += size
  }
  return rows
}
