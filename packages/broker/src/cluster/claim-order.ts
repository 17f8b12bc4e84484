/** Which of two claims of one client id wins: by a logical clock, and where it says nothing by the names of the peers. */
import type { PeerId } from '@hawser/engine'

export interface ClaimStamp {
  readonly stamp: number
  readonly peer: PeerId
}

export const isBefore = (a: ClaimStamp, b: ClaimStamp): boolean =>
  a.stamp < b.stamp || (a.stamp === b.stamp && a.peer < b.peer)
