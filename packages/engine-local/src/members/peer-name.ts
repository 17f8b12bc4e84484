/** A member's name on the bus says which lane it owns, so that nobody need ask. */
import { type Partition, type PeerId, partition } from '@hawser/engine'

const nameForm = /^lane-(\d{1,5})-pid-(\d+)$/

export const peerName = (lane: Partition, pid: number): PeerId => `lane-${lane}-pid-${pid}` as PeerId

export function laneOfPeer(peer: PeerId): Partition | undefined {
  const lane = nameForm.exec(peer)?.[1]
  return lane === undefined ? undefined : partition(Number(lane))
}

export const pidOfPeer = (peer: PeerId): number => Number(nameForm.exec(peer)?.[2])
