/** Puts new readings in their places among those that are still open. */
import type { Reading } from '../reading/types.ts'
import { compareOrder, placeOf } from './order.ts'
import type { MachineState } from './types.ts'

export interface Admitted {
  /** All open readings, in order, those to be sealed still among them. */
  readonly readings: readonly Reading[]
  /** How many at the beginning no longer have room. */
  readonly overflow: number
  readonly added: readonly Reading[]
  readonly duplicates: number
  readonly sealed: readonly Reading[]
}

/** One by one, so that it does not matter how a caller cuts its input into batches. */
export function admit(state: MachineState, incoming: readonly Reading[], retainedMax: number): Admitted {
  const readings = state.retained.slice()
  const added: Reading[] = []
  const sealed: Reading[] = []
  let duplicates = 0
  let overflow = 0
  let last = state.sealed?.last
  for (const reading of incoming) {
    const order = last === undefined ? 1 : compareOrder(reading, last)
    if (order < 0) {
      sealed.push(reading)
      continue
    }
    const place = placeOf(readings, reading)
    if (order === 0 || place.taken) {
      duplicates++
      continue
    }
    readings.splice(place.at, 0, reading)
    added.push(reading)
    if (readings.length - overflow > retainedMax) last = readings[overflow++]
  }
  return { readings, overflow, added, duplicates, sealed }
}
