/** Whether a barrier names records that a reader has still to read: it goes on with those first. */
import { type Cursor, type Position, readBarrier } from '@hawser/engine'

/** `ends`: what has not been handed over yet is not waited for, it comes ahead of the barrier. */
export function isBehindBarrier(bytes: Buffer, at: number, cursor: Cursor, ends: Cursor): boolean {
  for (const [partition, below] of readBarrier(bytes, at)) {
    const reachable = Math.min(below, ends.get(partition) ?? 0) as Position
    if ((cursor.get(partition) ?? 0) < reachable) return true
  }
  return false
}
