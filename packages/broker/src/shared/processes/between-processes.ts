/**
 * Shared subscriptions of several processes on one log (docs/decisions/0007-shared-subscriptions.md): ties together
 * who is a member where, who hands out which partition, and what is on its way between them.
 */
import type { Cursor, MessageLog, Partition, PeerId, Position, StateStore } from '@hawser/engine'
import type { Clock } from '@hawser/std'
import type { Cluster } from '../../cluster/cluster.ts'
import { decodeMessage, encodeMessage } from '../../cluster/encoding.ts'
import type { Counters } from '../../counters.ts'
import type { ReadSlots } from '../../delivery/read-slots.ts'
import type { Session } from '../../session/session.ts'
import type { DeliverCommitted } from '../distribution.ts'
import type { Group } from '../group.ts'
import type { GroupFollower } from '../group-follower.ts'
import { type GroupJournal, groupRow } from '../group-journal.ts'
import type { GroupReader } from '../group-reader.ts'
import type { Groups } from '../groups.ts'
import type { Leases } from '../leases.ts'
import type { LocalMember } from '../member.ts'
import type { ShareOwner } from '../share-owner.ts'
import type { SharedMessage } from '../strategy.ts'
import { DeadLanes } from './dead-lanes.ts'
import { HandingOut } from './handing-out.ts'
import { HeldShare } from './held-share.ts'
import { LeaseTaking } from './lease-taking.ts'
import { Receiving } from './receiving.ts'
import { type MemberMessage, RemoteMembers } from './remote-members.ts'
import { channels, decodePlace, encodePlace, type PlaceKind, placeKind } from './wire.ts'

export interface BetweenParts {
  readonly cluster: Cluster
  readonly log: MessageLog
  readonly state: StateStore
  readonly clock: Clock
  readonly counters: Counters
  readonly slots: ReadSlots
  readonly groups: Groups
  readonly journal: GroupJournal
  readonly reader: GroupReader
  readonly leases: Leases
  readonly follower: GroupFollower
  readonly deliver: DeliverCommitted
  readonly mayReceive: (session: Session, message: SharedMessage) => boolean | undefined
  readonly ends: () => ReadonlyMap<Partition, Position>
  readonly reached: (ends: Cursor) => Promise<void>
  readonly settledLog: () => Promise<void>
  readonly fault: (error: unknown) => void
}

const leasesChannel = 'share-leases'

export class BetweenProcesses {
  readonly #parts: BetweenParts
  readonly #deadLanes: DeadLanes
  readonly #remoteMembers: RemoteMembers
  readonly #receiving: Receiving
  readonly #taking: LeaseTaking
  readonly handingOut: HandingOut
  /** Kept, because a peer that has left cannot be asked any more. */
  readonly #lanes = new Map<PeerId, Partition>()
  #memberCount = 0

  constructor(parts: BetweenParts) {
    const { cluster, log, leases, groups } = parts
    this.#parts = parts
    this.#deadLanes = new DeadLanes({ ...parts, members: cluster.members, partitions: () => log.partitions() })
    this.#remoteMembers = new RemoteMembers(parts)
    this.#receiving = new Receiving({
      ...parts,
      answer: (to, kind, member, place) => this.#answer(to, kind, member, place.partition, place.position),
      assigned: (share, position) => this.#assigned(share, position),
      done: (share, kind, position) => this.#done(share, kind, position),
      failed: parts.fault,
    })
    this.handingOut = new HandingOut({
      ...parts,
      remoteMembers: this.#remoteMembers,
      deadLanes: this.#deadLanes,
      receiveHere: (member, place) => this.#receiving.receive(undefined, member, place),
    })
    this.#taking = new LeaseTaking({
      ...parts,
      receiving: this.#receiving,
      deadLanes: this.#deadLanes,
      holderOf: (peer, group, id) => this.#holderOf(peer, group, id),
      taken: (partition) => this.#tellLeases([partition], cluster.peers.present),
    })
    const { bus } = cluster.members
    cluster.use(bus.subscribe(channels.places, (from, bytes) => this.#place(from, bytes)))
    cluster.use(
      bus.subscribe(leasesChannel, (from, bytes) => {
        for (const partition of decodeMessage<readonly Partition[]>(bytes) ?? []) leases.give(partition, from)
      }),
    )
    // Who seemed to have no member may have one in what a dead process had left.
    cluster.use(
      cluster.members.onOrphans(() => {
        if (cluster.members.orphans().length === 0) for (const group of [...groups.all()]) groups.settle(group)
      }),
    )
    cluster.peers.onCame((peer) => this.#came(peer))
    cluster.use(cluster.peers.onLeft((peer) => this.#left(peer)))
  }

  /**
   * A peer wants shares of this group, or does so no more. It says so before its client is told that it is a member:
   * what is published from then on waits for it.
   */
  wanted(peer: PeerId, key: string, isWanted: boolean): void {
    const { groups } = this.#parts
    const group = isWanted ? groups.ensure(key) : groups.get(key)
    if (group === undefined) return
    if (isWanted) group.wantedBy.add(peer)
    else group.wantedBy.delete(peer)
    groups.settle(group)
  }

  nextMember(): number {
    return ++this.#memberCount
  }

  /** A session of this process is a member, or another one than before. */
  joined(group: Group, member: LocalMember, waits: boolean): void {
    this.#receiving.joined(group, member)
    this.#remoteMembers.tell(joinedMessage(group, member, waits))
  }

  /** `waits`: the group waits for its client. */
  left(group: Group, session: Session, waits: boolean): void {
    const member = group.members.find((candidate) => candidate.kind === 'local' && candidate.session === session)
    if (member?.kind !== 'local') return
    this.#receiving.left(member.id)
    this.handingOut.left(member.id)
    this.#remoteMembers.tell({ kind: 'left', id: member.id, waits })
  }

  /** A member has left without having acknowledged it. */
  giveBack(owner: ShareOwner, position: Position): void {
    if (owner instanceof HeldShare) this.#confirm(owner, placeKind.returned, position)
  }

  wake(session: Session): void {
    for (const id of this.#receiving.wake(session)) this.#remoteMembers.tell({ kind: 'takes-more', id })
  }

  /**
   * Once the others have been greeted: this process hands out its lane from where an earlier owner has left it, as soon
   * as all that left with it is known.
   */
  start(): void {
    const { cluster, log, fault } = this.#parts
    for (const lane of cluster.members.orphans()) if (lane !== log.own) this.#deadLanes.add(lane)
    const isFirst = [...cluster.peers.present].every((peer) => cluster.members.bus.self < peer)
    const taken = this.#taking.take(log.own, this.#endOf(log.own))
    taken.then(() => isFirst && this.#takeUnheld()).catch(fault)
  }

  /**
   * This process has adopted a lane, and its tail is recovered up to `end`. Resolves when what its records say of
   * groups is in rows; the lane's messages are handed out as soon as all others have been asked.
   */
  async adopted(lane: Partition, end: Position): Promise<void> {
    const { follower, state, reached, fault } = this.#parts
    this.#deadLanes.add(lane)
    this.#deadLanes.endsAt(lane, end)
    const taken = this.#taking.take(lane, end)
    await reached(new Map([[lane, end]]))
    await state.write(Array.from(follower.rowsOf(lane), (group) => groupRow(lane, group.key, group)))
    taken.then(() => this.#takeUnheld()).catch(fault)
  }

  /** Lanes without owner that nobody hands out: what a dead process has adopted, or another start. */
  #takeUnheld(): void {
    const { cluster, log, leases, fault } = this.#parts
    const { members } = cluster
    // Also of those that are there and cannot be asked yet: they hand out their lanes themselves.
    const owned = new Set(members.bus.peers().map((peer) => members.partitionOf(peer)))
    const orphans = members.orphans()
    for (const { partition } of log.partitions()) {
      const isUnheld = !leases.has(partition) && leases.peerOf(partition) === undefined
      if (isUnheld && !owned.has(partition) && !orphans.includes(partition)) {
        this.#taking.take(partition, this.#endOf(partition)).catch(fault)
      }
    }
  }

  #endOf(lane: Partition): Position | undefined {
    return this.#parts.log.partitions().find(({ partition }) => partition === lane)?.end
  }

  #came(peer: PeerId): void {
    const { cluster, leases, groups } = this.#parts
    const lane = cluster.members.partitionOf(peer)
    if (lane !== undefined) this.#lanes.set(peer, lane)
    this.#tellLeases(leases.held, [peer])
    for (const group of groups.all()) {
      for (const member of group.members) {
        if (member.kind === 'remote') continue
        const waits = group.waitsFor.has(member.session.clientId)
        this.#remoteMembers.tell(joinedMessage(group, member, waits), [peer])
      }
    }
  }

  #tellLeases(partitions: Iterable<Partition>, peers: Iterable<PeerId>): void {
    const bytes = encodeMessage([...partitions])
    for (const peer of peers) this.#parts.cluster.outbox.send(peer, leasesChannel, bytes)
  }

  #left(peer: PeerId): void {
    const { leases, groups } = this.#parts
    const lane = this.#lanes.get(peer)
    this.#lanes.delete(peer)
    if (lane !== undefined) this.#deadLanes.add(lane)
    leases.forget(peer)
    this.#receiving.revoke(peer)
    this.handingOut.peerLeft(lane, this.#remoteMembers.forget(peer))
    for (const group of [...groups.all()]) if (group.wantedBy.delete(peer)) groups.settle(group)
  }

  #place(from: PeerId, bytes: Buffer): void {
    const message = decodePlace(bytes)
    if (message === undefined) return
    if (message.kind === placeKind.handOver) this.#receiving.receive(from, message.member, message.place)
    else this.handingOut.answered(from, message)
  }

  #assigned({ group, partition }: HeldShare, position: Position): void {
    const { leases, follower, journal } = this.#parts
    if (leases.has(partition)) return
    follower.addDone(group.key, partition, position)
    journal.touch(group)
  }

  #done(share: HeldShare, kind: PlaceKind, position: Position): void {
    const { leases, follower, journal } = this.#parts
    const { group, partition } = share
    if (!leases.has(partition)) follower.addDone(group.key, partition, position)
    // Its process may be asked for it after a start.
    if (kind === placeKind.taken) journal.touch(group)
    this.#confirm(share, kind, position)
  }

  #confirm({ memberId, partition }: HeldShare, kind: PlaceKind, position: Position): void {
    const { leases } = this.#parts
    const to = leases.peerOf(partition)
    if (to !== undefined || leases.has(partition)) this.#answer(to, kind, memberId, partition, position)
  }

  #answer(to: PeerId | undefined, kind: PlaceKind, member: number, partition: Partition, position: Position): void {
    const place = { partition, position }
    if (to === undefined) this.handingOut.answered(undefined, { kind, member, place })
    else this.#parts.cluster.outbox.send(to, channels.places, encodePlace(kind, member, place))
  }

  #holderOf(peer: PeerId | undefined, group: Group, id: number): ReturnType<RemoteMembers['holder']> {
    if (peer !== undefined) return this.#remoteMembers.holder(peer, id)
    const member = this.#receiving.member(id)
    return member && this.handingOut.ownHolder(group, member)
  }
}

const joinedMessage = (group: Group, { id, session, receiver }: LocalMember, waits: boolean): MemberMessage => ({
  kind: 'joined',
  id,
  key: group.key,
  number: session.number,
  clientId: session.clientId,
  qos: receiver.qos,
  window: session.connection?.sendWindow ?? 1,
  waits,
})
