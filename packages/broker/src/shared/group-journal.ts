/**
 * Writes where durable groups stand into the log, once a second for those that moved, ahead of the horizon record: it
 * never passes what a group has still to deliver.
 */
import {
  type MessageLog,
  type Partition,
  type Position,
  recordKind,
  reserveRefused,
  type StateChange,
} from '@hawser/engine'
import type { Counters } from '../counters.ts'
import { rowKey } from '../journal/row-key.ts'
import { sharedTable } from '../journal/tables.ts'
import type { Group } from './group.ts'
import { encodeGroupState, encodeProgress, progressOf } from './group-state.ts'

export class GroupJournal {
  readonly #log: MessageLog
  readonly #counters: Counters
  readonly #ends: () => ReadonlyMap<Partition, Position>
  readonly #touched = new Set<Group>()
  /** Groups whose journaled state differs from their row. */
  #changed = new Set<Group>()
  /** Keys of groups whose row is to go. */
  #ended = new Set<string>()
  #taken: { readonly changed: ReadonlySet<Group>; readonly ended: ReadonlySet<string> } | undefined

  constructor(log: MessageLog, counters: Counters, ends: () => ReadonlyMap<Partition, Position>) {
    this.#log = log
    this.#counters = counters
    this.#ends = ends
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0 || this.#ended.size > 0
  }

  /** The group has moved, or has other members. */
  touch(group: Group): void {
    if (!group.durable) return
    this.#touched.add(group)
    this.#changed.add(group)
  }

  /** No process will have to know the group again. */
  forget(group: Group): void {
    this.#touched.delete(group)
    this.#changed.delete(group)
    this.end(group.key)
  }

  /** The row of this key is to go. */
  end(key: string): void {
    this.#ended.add(key)
  }

  /** Answers false where the log takes nothing. */
  tick(): boolean {
    for (const group of this.#touched) {
      const progress = progressOf(group, this.#ends())
      if (!this.#append(group.key, encodeProgress(progress))) return false
      this.#changed.add(group)
      // Its members' acknowledgements do not come by here: while it has some, it is looked at again.
      if (progress.atHorizon || group.members.length === 0) this.#touched.delete(group)
    }
    return true
  }

  /** Rows as the journal says them now. */
  takeChanges(): StateChange[] {
    const changes: StateChange[] = []
    for (const key of this.#ended) changes.push({ table: sharedTable, key: rowKey(key), value: null })
    for (const group of this.#changed) {
      const { key, waitsFor, done } = group
      const state = { key, members: waitsFor, done: done ?? new Set<string>(), ...progressOf(group, this.#ends()) }
      changes.push({ table: sharedTable, key: rowKey(key), value: encodeGroupState(state) })
    }
    this.#taken = { changed: this.#changed, ended: this.#ended }
    this.#changed = new Set()
    this.#ended = new Set()
    return changes
  }

  /** The rows that were taken last have not become durable. */
  giveBack(): void {
    for (const key of this.#taken?.ended ?? []) this.#ended.add(key)
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
