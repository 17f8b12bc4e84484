/**
 * What this process says that the log must keep, held back for a while: a session that leaves its memory for the store,
 * or comes from there, is seen by the owner of each lane before nobody here needs the lane for it any more.
 */
import type { Cursor, Partition, Position } from '@hawser/engine'
import type { Clock } from '@hawser/std'

/** Several checkpoints of every process lie within. */
const heldBackMs = 20_000

export class FloorWindow {
  readonly #clock: Clock
  #told: { readonly atMs: number; readonly floor: Cursor }[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The lowest that has been told within the window, `floor` included. */
  lowest(floor: Cursor): Cursor {
    const nowMs = this.#clock.monotonicMs()
    this.#told = this.#told.filter(({ atMs }) => nowMs - atMs < heldBackMs)
    this.#told.push({ atMs: nowMs, floor })
    const lowest = new Map<Partition, Position>(floor)
    for (const told of this.#told) {
      for (const [partition, position] of told.floor) {
        if (position < (lowest.get(partition) ?? 0)) lowest.set(partition, position)
      }
    }
    return lowest
  }
}
