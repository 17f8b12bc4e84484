/**
 * A partition changes hands: its new process asks all others what their members have of it, and goes on where the
 * records of all lanes and these answers say that it stands. From its answer on a process takes nothing of the
 * partition from anybody else.
 */
import type { Cursor, MessageLog, Partition, PeerId, Position } from '@hawser/engine'
import type { Cluster } from '../../cluster/cluster.ts'
import { decodeMessage, encodeMessage } from '../../cluster/encoding.ts'
import type { Group } from '../group.ts'
import type { GroupFollower, Stand } from '../group-follower.ts'
import type { GroupJournal } from '../group-journal.ts'
import type { Groups } from '../groups.ts'
import type { Holder } from '../holder.ts'
import type { Leases } from '../leases.ts'
import type { DeadLanes } from './dead-lanes.ts'
import type { Receiving } from './receiving.ts'

const question = 'share-lease'

interface Question {
  readonly partition: Partition
  /** Where a dead owner's lane ends. */
  readonly end?: Position
}

interface Answer {
  /** Who answers is at it as well, and comes first. */
  readonly mine?: boolean
  /** How far the answering process has been handed all lanes, its own with all that it had appended. */
  readonly ends: readonly (readonly [Partition, Position])[]
  /** Unacknowledged at QoS 1. */
  readonly held: readonly { readonly key: string; readonly id: number; readonly position: Position }[]
  /** By group, what nobody is to be given again. */
  readonly done: readonly (readonly [string, readonly Position[]])[]
}

export interface LeaseTakingParts {
  readonly log: MessageLog
  readonly cluster: Cluster
  readonly leases: Leases
  readonly groups: Groups
  readonly journal: GroupJournal
  readonly follower: GroupFollower
  readonly receiving: Receiving
  readonly deadLanes: DeadLanes
  readonly ends: () => ReadonlyMap<Partition, Position>
  readonly reached: (ends: Cursor) => Promise<void>
  /** Resolves once all that has been appended is durable. */
  readonly settledLog: () => Promise<void>
  /** `peer`: undefined for this process. */
  readonly holderOf: (peer: PeerId | undefined, group: Group, id: number) => Holder | undefined
  /** This process hands out the partition now: also those are told that came while it was asking. */
  readonly taken: (partition: Partition) => void
}

/** What members have of one partition. */
class Findings {
  readonly #held = new Map<string, { readonly holder: Holder; readonly position: Position }[]>()
  readonly #done = new Map<string, Set<Position>>()

  addHeld(holder: Holder, position: Position): void {
    const { key } = holder.group
    const held = this.#held.get(key)
    if (held === undefined) this.#held.set(key, [{ holder, position }])
    else held.push({ holder, position })
  }

  addDone(key: string, positions: Iterable<Position>): void {
    const done = this.#done.get(key) ?? new Set()
    for (const position of positions) done.add(position)
    this.#done.set(key, done)
  }

  /** A group's stand without what members have or had; that is with them now. */
  settle(group: Group, partition: Partition, { cursor, holes, done }: Stand): Stand {
    const allDone = new Set([...done, ...(this.#done.get(group.key) ?? [])])
    const atMembers = new Set<Position>()
    for (const { holder, position } of this.#held.get(group.key) ?? []) {
      if (allDone.has(position) || atMembers.has(position)) continue
      atMembers.add(position)
      holder.handOver({ partition, position }, 1)
    }
    return { cursor, holes, done: allDone, atMembers }
  }
}

export class LeaseTaking {
  readonly #parts: LeaseTakingParts
  /** Partitions that this process is taking; those that another has gone ahead with meanwhile are left out. */
  readonly #underWay = new Set<Partition>()

  constructor(parts: LeaseTakingParts) {
    this.#parts = parts
    parts.cluster.questions.answer(question, (from, body) => this.#answer(from, body))
  }

  /**
   * This process hands out the partition once it resolves, unless another one has come before it. `end`: of a lane
   * whose owner is dead.
   */
  async take(partition: Partition, end?: Position): Promise<void> {
    const { cluster, leases, receiving, deadLanes, reached } = this.#parts
    if (leases.has(partition) || this.#underWay.has(partition)) return
    this.#underWay.add(partition)
    receiving.revoke(leases.peerOf(partition), partition)
    const asked: Question = end === undefined ? { partition } : { partition, end }
    const answers = new Map<PeerId, Answer>()
    for (const [peer, bytes] of await cluster.questions.ask(question, encodeMessage(asked))) {
      const answer = decodeMessage<Answer>(bytes)
      if (answer?.mine === true) this.#yield(partition, peer)
      else if (answer !== undefined) answers.set(peer, answer)
    }
    if (end !== undefined) await reached(new Map([[partition, end]]))
    for (const { ends } of answers.values()) await reached(new Map(ends))
    // Also of those that died instead of answering.
    await deadLanes.allSettled()
    if (this.#underWay.delete(partition)) this.#goOn(partition, answers)
  }

  #goOn(partition: Partition, answers: ReadonlyMap<PeerId, Answer>): void {
    const { leases, groups, journal, follower, log, taken } = this.#parts
    const findings = new Findings()
    for (const [peer, answer] of answers) this.#note(findings, peer, answer)
    this.#note(findings, undefined, this.#account(partition))
    taken(partition)
    leases.terms.set(partition, follower.termOf(partition, log.own))
    groups.resume(partition, (group) =>
      findings.settle(group, partition, follower.stand(group.key, partition, group.birth)),
    )
    for (const group of groups.all()) journal.touch(group)
  }

  #yield(partition: Partition, peer: PeerId): void {
    this.#underWay.delete(partition)
    this.#parts.leases.give(partition, peer)
  }

  #note(findings: Findings, peer: PeerId | undefined, { held, done }: Answer): void {
    const { groups, holderOf, cluster } = this.#parts
    for (const [key, positions] of done) findings.addDone(key, positions)
    // What a process had that is dead by now comes back.
    if (peer !== undefined && !cluster.peers.present.has(peer)) return
    for (const { key, id, position } of held) {
      const group = groups.get(key)
      const holder = group && holderOf(peer, group, id)
      if (holder !== undefined) findings.addHeld(holder, position)
    }
  }

  async #answer(from: PeerId, body: Buffer): Promise<Uint8Array> {
    const asked = decodeMessage<Question>(body)
    if (asked === undefined) throw new Error('a question of another version')
    const { leases, receiving, deadLanes, settledLog, cluster } = this.#parts
    const { partition, end } = asked
    if (end !== undefined) deadLanes.endsAt(partition, end)
    if (this.#underWay.has(partition) && cluster.members.bus.self < from) {
      return encodeMessage({ mine: true, ends: [], held: [], done: [] } satisfies Answer)
    }
    const former = leases.peerOf(partition)
    if (leases.has(partition)) this.#giveAway(partition)
    else if (former !== from) receiving.revoke(former, partition)
    this.#yield(partition, from)
    // What is being assigned now is in this process's lane by then.
    await settledLog()
    return encodeMessage(this.#account(partition))
  }

  /** Says for good where the groups stand. */
  #giveAway(partition: Partition): void {
    const { groups, journal, receiving } = this.#parts
    receiving.revoke(undefined, partition)
    for (const group of groups.all()) {
      journal.say(group)
      group.release(partition)
    }
  }

  #account(partition: Partition): Answer {
    const { ends, follower, receiving } = this.#parts
    return {
      ends: [...ends()],
      held: Array.from(receiving.held(partition), ({ id, group, place }) => ({
        key: group.key,
        id,
        position: place.position,
      })),
      done: Array.from(follower.done(partition), ([key, positions]) => [key, [...positions]] as const),
    }
  }
}
