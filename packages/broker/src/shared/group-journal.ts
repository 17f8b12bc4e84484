/**
 * Writes where groups stand into the log, once a second for those that moved, ahead of the horizon record: it never
 * passes what a group has still to deliver. A process that is alone writes durable groups only; among others also those
 * that end with their members, because these may be with others when it dies.
 */
import { type MessageLog, type Partition, recordKind, reserveRefused, type StateChange } from '@hawser/engine'
import type { Counters } from '../counters.ts'
import { rowKey } from '../journal/row-key.ts'
import { laneTable, sharedTable } from '../journal/tables.ts'
import type { Group } from './group.ts'
import type { GroupFollower } from './group-follower.ts'
import { encodeGroupState, encodeProgress, type GroupState, progressOf } from './group-state.ts'
import type { Leases } from './leases.ts'

/** The row of a group that the process of this lane writes; without `state` it is to go. */
export const groupRow = (lane: Partition, key: string, state?: GroupState): StateChange => ({
  table: laneTable(sharedTable, lane),
  key: rowKey(key),
  value: state === undefined ? null : encodeGroupState(state),
})

export class GroupJournal {
  readonly #log: MessageLog
  readonly #counters: Counters
  readonly #leases: Leases
  /** What others have told; undefined in a process that is alone. */
  readonly #follower: GroupFollower | undefined
  readonly #touched = new Set<Group>()
  /** Groups whose journaled state differs from their row. */
  #changed = new Set<Group>()
  /** Rows that are to go. */
  #ended: StateChange[] = []
  #taken: { readonly changed: ReadonlySet<Group>; readonly ended: readonly StateChange[] } | undefined

  constructor(log: MessageLog, counters: Counters, leases: Leases, follower: GroupFollower | undefined) {
    this.#log = log
    this.#counters = counters
    this.#leases = leases
    this.#follower = follower
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0 || this.#ended.length > 0
  }

  /** The group has moved, or has other members. */
  touch(group: Group): void {
    if (!group.durable && this.#leases.alone) return
    this.#touched.add(group)
    if (group.durable) this.#changed.add(group)
  }

  /** No process will have to know the group again. */
  forget(group: Group): void {
    this.#touched.delete(group)
    this.#changed.delete(group)
    this.end(groupRow(this.#log.own, group.key))
  }

  /** A row is to go. */
  end(row: StateChange): void {
    this.#ended.push(row)
  }

  get hasToSay(): boolean {
    return this.#touched.size > 0
  }

  /** Answers false where the log takes nothing. */
  tick(): boolean {
    for (const group of this.#touched) {
      const atHorizon = this.say(group)
      if (atHorizon === undefined) return false
      if (group.durable) this.#changed.add(group)
      // Its members' acknowledgements do not come by here: while it has some, it is looked at again.
      if (atHorizon || group.members.length === 0) this.#touched.delete(group)
    }
    return true
  }

  /** Says where the group stands; answers whether nothing is pending, undefined where the log takes nothing. */
  say(group: Group): boolean | undefined {
    const progress = progressOf(group, this.#leases)
    return this.#append(group.key, encodeProgress(progress)) ? progress.atHorizon : undefined
  }

  /** Rows as the journal says them now. */
  takeChanges(): StateChange[] {
    const { own } = this.#log
    const changes = [...this.#ended]
    for (const group of this.#changed) {
      const done = new Set([...(group.done ?? []), ...(this.#follower?.placesDone(group.key) ?? [])])
      const progress = progressOf(group, this.#leases)
      changes.push(groupRow(own, group.key, { key: group.key, members: group.waitsFor, done, ...progress }))
    }
    this.#taken = { changed: this.#changed, ended: this.#ended }
    this.#changed = new Set()
    this.#ended = []
    return changes
  }

  /** The rows that were taken last have not become durable. */
  giveBack(): void {
    this.#ended.unshift(...(this.#taken?.ended ?? []))
    for (const group of this.#taken?.changed ?? []) if (!group.dropped) this.#changed.add(group)
  }
  #append(key: string, body: Buffer): boolean {
    const topic = Buffer.from(key)
    const at = this.#log.reserve(recordKind.share, 0, topic.length, body.length)
    if (at === reserveRefused) return false
    topic.copy(this.#log.buffer, at)
    body.copy(this.#log.buffer, at + topic.length)
    this.#counters.recordsAppended++
    return true
  }
}
