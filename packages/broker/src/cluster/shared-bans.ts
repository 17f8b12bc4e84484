/** A ban that is set or taken back in one process holds in all. Its row is written first, so that a newcomer reads it. */
import type { BanChange } from '../bans/ban.ts'
import type { BanList } from '../bans/ban-list.ts'
import type { Cluster } from './cluster.ts'
import { decodeMessage, encodeMessage } from './encoding.ts'

const channel = 'bans'

/** `enforce` closes the connections that are banned now. */
export function shareBans(cluster: Cluster, bans: BanList, enforce: () => void): void {
  bans.onChange = (change) => {
    const message = encodeMessage(change)
    for (const peer of cluster.peers.present) cluster.outbox.send(peer, channel, message)
  }
  const take = (_from: unknown, bytes: Buffer): void => {
    const change = decodeMessage<BanChange>(bytes)
    if (change === undefined) return
    bans.take(change)
    if (change.kind === 'added') enforce()
  }
  cluster.use(cluster.members.bus.subscribe(channel, take))
}
