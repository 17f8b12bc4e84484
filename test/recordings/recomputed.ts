/** The tables of KPIs beside the independent recomputation of the raw table: a Python program in exact fractions. */
import assert from 'node:assert/strict'
import type { Database } from '@hawser/connect/postgres'
import { defineSpecification } from '@hawser/streams'
import { recompute } from '../../packages/streams/src/testing/recompute.ts'
import { eventIdOf, type RawRow, sealedEvents, type Window, windowsOf } from './tables.ts'

export interface Recomputed {
  readonly windows: readonly Window[]
  /** Readings that came after so many later ones that their windows were closed for good. */
  readonly sealed: ReadonlySet<string>
}

/** Of what was not kept aside, each window equals the recomputed one to the last digit. */
export async function assertRecomputed(
  database: Database,
  specification: unknown,
  rows: readonly RawRow[],
): Promise<Recomputed> {
  const { data } = defineSpecification(specification)
  const sealed = await sealedEvents(database, data.name)
  const records = rows.filter((row) => !sealed.has(eventIdOf(row)))
  const recomputed = JSON.parse(recompute('kpi', JSON.stringify({ specification: data, records })))
  const windows = await windowsOf(database, data.name)
  assert.deepEqual(recomputed.counts, {})
  for (const [index, window] of windows.entries()) assert.deepEqual(window, recomputed.windows[index])
  assert.equal(windows.length, recomputed.windows.length)
  return { windows, sealed }
}

/** Heat index and dew point of each message, recomputed in forty digits. */
export function recomputedClimate(rows: readonly RawRow[]): readonly (readonly [string, string])[] {
  // The numbers as they are written: JSON.parse would round them.
  const lines = rows.map(({ payload }) => {
    const textOf = (name: string): string | undefined => new RegExp(`"${name}":([^,}]+)`).exec(payload)?.[1]
    return JSON.stringify({ celsius: textOf('Temperature'), humidity: textOf('Humidity') })
  })
  return recompute('climate', lines.join('\n'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}
