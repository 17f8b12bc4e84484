/** What each peer has told of its interest: filters of subscribers, and of shared subscriptions by their whole name. */
import { parseSharedFilter } from '@hawser/codec'
import type { PeerId } from '@hawser/engine'
import type { Elsewhere } from '../router/route.ts'
import { SubscriptionTree } from '../router/subscription-tree.ts'

interface Wanted {
  readonly peer: PeerId
  /** As it was told: of a share with its name. */
  readonly key: string
  readonly isShare: boolean
  /** What topics are held against. */
  readonly filter: string
}

export class PeerFilters {
  readonly #tree = new SubscriptionTree<Wanted, Wanted>()
  readonly #byPeer = new Map<PeerId, Map<string, Wanted>>()

  /** Answers the filter whose topics now have other receivers; undefined where nothing is new. */
  add(peer: PeerId, key: string): string | undefined {
    const ofPeer = this.#byPeer.get(peer) ?? new Map<string, Wanted>()
    this.#byPeer.set(peer, ofPeer)
    if (ofPeer.has(key)) return undefined
    const shared = parseSharedFilter(key)
    const wanted = { peer, key, isShare: shared !== undefined, filter: shared?.filter ?? key }
    ofPeer.set(key, wanted)
    this.#tree.add(wanted, wanted)
    return wanted.filter
  }

  /** Likewise. */
  remove(peer: PeerId, key: string): string | undefined {
    const wanted = this.#byPeer.get(peer)?.get(key)
    if (wanted === undefined) return undefined
    this.#byPeer.get(peer)?.delete(key)
    this.#tree.remove(wanted, wanted.filter)
    return wanted.filter
  }

  /** Answers the filters that the peer had. */
  forget(peer: PeerId): readonly string[] {
    const keys = [...(this.#byPeer.get(peer)?.keys() ?? [])]
    const filters = keys.map((key) => this.remove(peer, key)).filter((filter) => filter !== undefined)
    this.#byPeer.delete(peer)
    return filters
  }

  /** Undefined where no peer wants the topic. */
  of(topic: string): Elsewhere | undefined {
    const peers = new Set<PeerId>()
    const shares = new Map<string, PeerId[]>()
    this.#tree.match(topic, ({ peer, key, isShare }) => {
      if (!isShare) peers.add(peer)
      else shares.set(key, [...(shares.get(key) ?? []), peer])
    })
    return peers.size === 0 && shares.size === 0 ? undefined : { peers: [...peers], shares }
  }
}
