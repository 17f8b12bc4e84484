/** Members of groups whose connection is with another process, as that process tells of them. */
import type { PeerId } from '@hawser/engine'
import type { ClientId, SessionNumber } from '@hawser/std'
import type { Cluster } from '../../cluster/cluster.ts'
import { decodeMessage, encodeMessage } from '../../cluster/encoding.ts'
import type { GroupReader } from '../group-reader.ts'
import type { Groups } from '../groups.ts'
import { Holder } from '../holder.ts'
import { channels } from './wire.ts'

export type MemberMessage =
  | {
      readonly kind: 'joined'
      readonly id: number
      readonly key: string
      readonly number: SessionNumber
      readonly clientId: ClientId
      readonly qos: 0 | 1 | 2
      /** How many messages it may have unacknowledged. */
      readonly window: number
      /** The group waits for it when it is away. */
      readonly waits: boolean
    }
  | { readonly kind: 'left'; readonly id: number; readonly waits: boolean }
  | { readonly kind: 'takes-more'; readonly id: number }

interface Known {
  readonly holder: Holder
  readonly number: SessionNumber
  readonly clientId: ClientId
}

export interface RemoteMembersParts {
  readonly cluster: Cluster
  readonly groups: Groups
  readonly reader: GroupReader
}

export class RemoteMembers {
  readonly #parts: RemoteMembersParts
  readonly #known = new Map<PeerId, Map<number, Known>>()

  constructor(parts: RemoteMembersParts) {
    this.#parts = parts
    const { cluster } = parts
    const subscription = cluster.members.bus.subscribe(channels.members, (from, bytes) => {
      const message = decodeMessage<MemberMessage>(bytes)
      if (message !== undefined) this.#told(from, message)
    })
    cluster.use(subscription)
  }

  /** Tells one peer, or all. */
  tell(message: MemberMessage, peers: Iterable<PeerId> = this.#parts.cluster.peers.present): void {
    const bytes = encodeMessage(message)
    for (const peer of peers) this.#parts.cluster.outbox.send(peer, channels.members, bytes)
  }

  holder(peer: PeerId, id: number): Holder | undefined {
    return this.#known.get(peer)?.get(id)?.holder
  }

  /** It has confirmed something: one that left is forgotten when nothing is to come of it. */
  settled(holder: Holder): void {
    const { peer, id, gone, openCount } = holder
    if (peer !== undefined && gone && openCount === 0) this.#known.get(peer)?.delete(id)
  }

  /** The peer is dead: answers what its members were, who are no members any more. */
  forget(peer: PeerId): Holder[] {
    const known = [...(this.#known.get(peer)?.values() ?? [])]
    this.#known.delete(peer)
    for (const one of known) this.#remove(one)
    return known.map(({ holder }) => holder)
  }

  #told(from: PeerId, message: MemberMessage): void {
    switch (message.kind) {
      case 'joined':
        return this.#joined(from, message)
      case 'left':
        return this.#left(from, message)
      case 'takes-more': {
        const holder = this.holder(from, message.id)
        if (holder === undefined) return
        holder.full = false
        return this.#parts.reader.start(holder.group)
      }
      default:
        throw message satisfies never
    }
  }

  #joined(from: PeerId, message: Extract<MemberMessage, { kind: 'joined' }>): void {
    const { groups, cluster } = this.#parts
    const { id, key, number, clientId, qos, window, waits } = message
    const group = groups.ensure(key)
    if (group === undefined) return
    const ofPeer = this.#known.get(from) ?? new Map<number, Known>()
    this.#known.set(from, ofPeer)
    const before = ofPeer.get(id)?.holder
    const holder = before?.group === group ? before : new Holder(group, from, id)
    ofPeer.set(id, { holder, number, clientId })
    if (waits) groups.waitFor(key, clientId)
    else groups.stopWaiting(group, clientId)
    // Each process may hand it so much that all of them together fill its window.
    const creditMax = (): number => Math.max(1, Math.floor(window / (cluster.peers.present.size + 1)))
    groups.add(group, { kind: 'remote', peer: from, number, clientId, qos, holder, creditMax })
  }

  #left(from: PeerId, { id, waits }: Extract<MemberMessage, { kind: 'left' }>): void {
    const known = this.#known.get(from)?.get(id)
    if (known === undefined) return
    this.#remove(known)
    const { holder, clientId } = known
    if (!waits) this.#parts.groups.stopWaiting(holder.group, clientId)
    this.#parts.groups.settle(holder.group)
    this.settled(holder)
  }

  #remove({ holder, number }: Known): void {
    holder.gone = true
    const { group } = holder
    const member = group.members.find((candidate) => candidate.kind === 'remote' && candidate.holder === holder)
    // It may be with another process by now.
    if (member !== undefined) this.#parts.groups.remove(group, number)
  }
}
