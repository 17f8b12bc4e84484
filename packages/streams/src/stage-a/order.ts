import type { Reading } from '../reading/types.ts'
import type { ReadingOrder } from './types.ts'

/** By (E, I, partition, position), and within one record by its item: total, and the same in every engine. [KPI 3] */
export function compareOrder(a: ReadingOrder, b: ReadingOrder): number {
  return (
    a.eventTime - b.eventTime ||
    a.appendTime - b.appendTime ||
    a.partition - b.partition ||
    a.position - b.position ||
    a.item - b.item ||
    (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0)
  )
}

export const orderOf = (reading: Reading): ReadingOrder => {
  const { eventTime, appendTime, partition, position, item, eventId } = reading
  return { eventTime, appendTime, partition, position, item, eventId }
}

/** Where `reading` belongs in the sorted list, searched from its end, where most belong. */
export function placeOf(sorted: readonly ReadingOrder[], reading: ReadingOrder): { at: number; taken: boolean } {
  let low = 0
  let high = sorted.length
  let middle = high - 1
  while (low < high) {
    const order = compareOrder(sorted[middle] as ReadingOrder, reading)
    if (order === 0) return { at: middle, taken: true }
    if (order < 0) low = middle + 1
    else high = middle
    middle = (low + high) >> 1
  }
  return { at: low, taken: false }
}
