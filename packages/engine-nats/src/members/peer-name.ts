/** A node's name on the bus says which lane it owns, and which life of which node it is. */
import { type Partition, type PeerId, partition } from '@hawser/engine'

const nameForm = /^lane-(\d{1,5})-([0-9a-f]{16})$/

/** `life`: 16 hexadecimal digits of chance. */
export const peerName = (lane: Partition, life: string): PeerId => `lane-${lane}-${life}` as PeerId

export function laneOfPeer(peer: PeerId): Partition | undefined {
  const lane = nameForm.exec(peer)?.[1]
  return lane === undefined ? undefined : partition(Number(lane))
}

/** What the node writes state as. */
export const lifeOfPeer = (peer: PeerId): string => nameForm.exec(peer)?.[2] ?? ''
