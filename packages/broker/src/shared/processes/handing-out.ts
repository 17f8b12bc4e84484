/**
 * Hands messages at QoS 1 and 2 to members of other processes: by their place in the log, which these read as well.
 * What a process has been given and has not confirmed comes back when it dies.
 */
import type { Partition, PeerId, Position } from '@hawser/engine'
import type { Cluster } from '../../cluster/cluster.ts'
import { placeKey } from '../../journal/session-state.ts'
import type { Group } from '../group.ts'
import type { GroupFollower } from '../group-follower.ts'
import type { GroupJournal } from '../group-journal.ts'
import type { GroupReader } from '../group-reader.ts'
import type { Groups } from '../groups.ts'
import { Holder } from '../holder.ts'
import type { GroupMember, LocalMember } from '../member.ts'
import type { Place } from '../places.ts'
import type { DeadLanes } from './dead-lanes.ts'
import type { RemoteMembers } from './remote-members.ts'
import { channels, encodePlace, type PlaceMessage, placeKind } from './wire.ts'

export interface HandingOutParts {
  readonly cluster: Cluster
  readonly groups: Groups
  readonly journal: GroupJournal
  readonly reader: GroupReader
  readonly follower: GroupFollower
  readonly remoteMembers: RemoteMembers
  readonly deadLanes: DeadLanes
  /** For members of this process, of lanes that were another's. */
  readonly receiveHere: (member: number, place: Place) => void
}

export class HandingOut {
  readonly #parts: HandingOutParts
  readonly #ownHolders = new Map<number, Holder>()

  constructor(parts: HandingOutParts) {
    this.#parts = parts
  }

  handOver(group: Group, member: GroupMember, qos: 1 | 2, partition: Partition, position: Position): boolean {
    const holder = member.kind === 'remote' ? member.holder : this.ownHolder(group, member)
    const qosMax = member.kind === 'remote' ? member.qos : member.receiver.qos
    const place = { partition, position }
    holder.handOver(place, qos === 2 && qosMax === 2 ? 2 : 1)
    const { peer, id } = holder
    if (peer === undefined) {
      this.#parts.receiveHere(id, place)
      return true
    }
    if (this.#parts.cluster.outbox.send(peer, channels.places, encodePlace(placeKind.handOver, id, place))) return true
    holder.close(place)
    holder.acknowledged()
    return false
  }

  ownHolder(group: Group, { id }: LocalMember): Holder {
    let holder = this.#ownHolders.get(id)
    if (holder === undefined) {
      holder = new Holder(group, undefined, id)
      this.#ownHolders.set(id, holder)
    }
    return holder
  }

  /** A session of this process is a member no more. */
  left(id: number): void {
    const holder = this.#ownHolders.get(id)
    if (holder === undefined) return
    holder.gone = true
    this.#settled(holder)
  }

  /** One that has left is forgotten when nothing is to come of it. */
  #settled(holder: Holder): void {
    if (holder.peer !== undefined) this.#parts.remoteMembers.settled(holder)
    else if (holder.gone && holder.openCount === 0) this.#ownHolders.delete(holder.id)
  }

  /** `peer`: undefined where the member is this process's own. */
  answered(peer: PeerId | undefined, { kind, member, place }: PlaceMessage): void {
    const { remoteMembers, reader, journal } = this.#parts
    const holder = peer === undefined ? this.#ownHolders.get(member) : remoteMembers.holder(peer, member)
    if (holder === undefined) return
    const wasOpen = holder.close(place)
    const { group } = holder
    if (kind !== placeKind.taken) holder.acknowledged()
    else journal.touch(group)
    if (kind >= placeKind.returned && wasOpen) this.#cameBack(holder, kind === placeKind.refused, place)
    if (kind === placeKind.full && peer !== undefined) holder.full = true
    this.#settled(holder)
    if (!group.live) reader.start(group)
  }

  #cameBack(holder: Holder, refused: boolean, place: Place): void {
    const { group } = holder
    if (refused) {
      const key = placeKey(place.partition, place.position)
      group.refusals.set(key, (group.refusals.get(key) ?? new Set()).add(holder))
    }
    this.#parts.groups.takeBack(group, [place])
  }

  /** At QoS 2 a delivery may have begun: its lane says so, once somebody has read that to its end. */
  peerLeft(lane: Partition | undefined, holders: readonly Holder[]): void {
    const { groups, deadLanes } = this.#parts
    for (const holder of holders) this.#takeBack(holder, ({ qos }) => qos === 1)
    for (const { group } of holders) groups.settle(group)
    const open = holders.filter(({ openCount }) => openCount > 0)
    if (open.length === 0) return
    const decide = (): void => {
      for (const holder of open) this.#takeBack(holder, () => true)
      for (const { group } of open) groups.settle(group)
    }
    if (lane === undefined) decide()
    else void deadLanes.settled(lane).then(decide)
  }

  #takeBack(holder: Holder, which: (open: { readonly qos: 1 | 2 }) => boolean): void {
    const { groups, follower, journal } = this.#parts
    const { group } = holder
    for (const handOver of [...holder.open()]) {
      if (!which(handOver)) continue
      const { partition, position } = handOver.place
      holder.close(handOver.place)
      if (!follower.isDone(group.key, partition, position)) groups.takeBack(group, [handOver.place])
    }
    journal.touch(group)
  }
}
