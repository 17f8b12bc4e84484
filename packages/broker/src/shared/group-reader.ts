/**
 * Hands out what a group has not handed out live: first what came back to it, then the log from its cursor on, until
 * it is live again. Where all members are full it waits a little with one batch at hand, as a session's catch-up does;
 * then it lets go, and is started again when a member takes more.
 */
import {
  type FilterSpan,
  type MessageLog,
  type Partition,
  type Position,
  PublishView,
  position as positionOf,
  recordKind,
  recordKindAt,
} from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'
import type { Counters } from '../counters.ts'
import { isOfThisLife, isOvertaken } from '../delivery/overtaken.ts'
import type { ReadSlots } from '../delivery/read-slots.ts'
import type { Distribution, HandedOut } from './distribution.ts'
import type { Group } from './group.ts'
import type { GroupJournal } from './group-journal.ts'
import type { Leases } from './leases.ts'
import { takes } from './member.ts'
import type { Place } from './places.ts'

export interface GroupReaderParts {
  readonly log: MessageLog
  readonly clock: Clock
  readonly counters: Counters
  readonly slots: ReadSlots
  readonly journal: GroupJournal
  readonly distribution: Distribution
  readonly leases: Leases
  readonly failed: (group: Group, error: unknown) => void
}

/** How long a full group may keep its place among those that read. */
const patienceMs = milliseconds(1_000)
/** The next place that came back is sought where it is further away than this, not read up to. */
const readAheadRecordsMax = 4_096

export class GroupReader {
  readonly #parts: GroupReaderParts

  constructor(parts: GroupReaderParts) {
    this.#parts = parts
  }

  /** Starts or goes on, unless the group is live or no member takes anything. */
  start(group: Group): void {
    group.readAgain = true
    if (group.reading) return group.wakeReader?.()
    if (group.live || !this.#hasRoom(group)) return
    group.reading = true
    group.readAgain = false
    this.#run(group)
      .catch((error) => {
        if (isOvertaken(error)) group.readAgain = true
        else this.#parts.failed(group, error)
      })
      .then(() => {
        group.reading = false
        // What changed while it was ending would else wait for the next event.
        if (group.readAgain) this.start(group)
      })
  }

  async #run(group: Group): Promise<void> {
    using _slot = await this.#parts.slots.take()
    const view = new PublishView()
    let step: HandedOut = 'done'
    while (step === 'done' && group.members.length > 0) {
      const { first } = group.returned
      if (first !== undefined) {
        step = await this.#handOutReturned(group, first, view)
      } else if (this.#reachedHead(group)) {
        group.reachedHead()
        this.#parts.journal.touch(group)
        return
      } else {
        step = await this.#readOn(group, view)
      }
    }
  }

  #reachedHead(group: Group): boolean {
    for (const [partition, end] of this.#parts.leases.ends()) if ((group.cursor.get(partition) ?? 0) < end) return false
    return true
  }

  /** Hands out what came back, from the lowest place on, as far as one reading of the log goes. */
  async #handOutReturned(group: Group, lowest: Place, view: PublishView): Promise<HandedOut> {
    const { partition } = lowest
    if (lowest.position < this.#startOf(partition)) return this.#lose(group, lowest)
    for await (const batch of this.#parts.log.find(partition, lowest.position, spansOf(group))) {
      for (let index = 0; index < batch.count; index++) {
        const position = batch.positions[index] ?? 0
        const next = group.returned.first
        if (next === undefined || next.partition !== partition || next.position > position + readAheadRecordsMax) {
          return 'done'
        }
        // Another came back meanwhile, below this place; or it is not in the log.
        if (next.position < position) return next === lowest ? this.#lose(group, lowest) : 'done'
        if (next.position > position) continue
        const step = await this.#place(group, view, batch.bytes, batch.offsets[index] ?? 0, next)
        if (step !== 'done') return step
        group.returned.remove(next)
      }
    }
    return group.returned.first === lowest ? this.#lose(group, lowest) : 'done'
  }

  /** Hands out what matches in each partition up to its end as it is now, or until something comes back. */
  async #readOn(group: Group, view: PublishView): Promise<HandedOut> {
    for (const [partition, end] of this.#parts.leases.ends()) {
      const step = await this.#readPartition(group, partition, end, view)
      if (step !== 'done' || group.returned.size > 0) return step
    }
    return 'done'
  }

  async #readPartition(group: Group, partition: Partition, end: Position, view: PublishView): Promise<HandedOut> {
    const start = this.#startOf(partition)
    let from = group.cursor.get(partition) ?? positionOf(0)
    if (from < start) {
      // Retention went on without the group: that is a loss, and is said.
      if (isOfThisLife(this.#parts.log, partition, from)) this.#parts.counters.dropped['behind-log']++
      from = start
      group.cursor.set(partition, from)
    }
    if (from >= end) return 'done'
    for await (const batch of this.#parts.log.find(partition, from, spansOf(group))) {
      for (let index = 0; index < batch.count; index++) {
        const position = (batch.positions[index] ?? 0) as Position
        // Past `end` the commit has not been through the live path yet.
        if (position >= end) break
        // The cursor stays at what is not handed out.
        group.cursor.set(partition, position)
        if (group.returned.size > 0) return 'done'
        if (!this.#parts.leases.has(partition)) return this.#givenAway(group, partition)
        const step = await this.#place(group, view, batch.bytes, batch.offsets[index] ?? 0, { partition, position })
        if (step !== 'done') return step
        group.cursor.set(partition, (position + 1) as Position)
      }
    }
    if (!this.#parts.leases.has(partition)) return this.#givenAway(group, partition)
    group.cursor.set(partition, end)
    return 'done'
  }

  /** Another process has taken the partition over meanwhile. */
  #givenAway(group: Group, partition: Partition): HandedOut {
    group.cursor.delete(partition)
    return 'done'
  }

  async #place(group: Group, view: PublishView, bytes: Buffer, at: number, place: Place): Promise<HandedOut> {
    const { partition, position } = place
    if (recordKindAt(bytes, at) !== recordKind.publish) return 'done'
    if (group.passes(partition, position)) return 'done'
    for (;;) {
      // Others have used the time of waiting, but the view is this reader's alone.
      view.moveTo(bytes, at)
      // QoS 0 went live when it came; and another process may have taken the partition over meanwhile.
      if (view.qos === 0 || !this.#parts.leases.has(partition)) return 'done'
      const step = this.#parts.distribution.handOut(group, undefined, view, partition, position)
      if (step !== 'full' || !(await this.#room(group))) return step
    }
  }

  /** Waits until a member may take more than before; false where that takes too long. */
  #room(group: Group): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (room: boolean): void => {
        group.wakeReader = undefined
        timer[Symbol.dispose]()
        resolve(room)
      }
      const timer = this.#parts.clock.after(patienceMs, () => settle(false))
      group.wakeReader = () => settle(group.members.length > 0)
    })
  }

  #hasRoom(group: Group): boolean {
    return this.#parts.distribution.hasRoom(group) && group.members.some((member) => takes(member, 1))
  }

  #startOf(partition: Partition): Position {
    const range = this.#parts.log.partitions().find((candidate) => candidate.partition === partition)
    return range?.start ?? positionOf(Number.POSITIVE_INFINITY)
  }

  #lose(group: Group, place: Place): HandedOut {
    this.#parts.counters.dropped['behind-log']++
    group.returned.remove(place)
    return 'done'
  }
}

const spansOf = ({ filter }: Group): FilterSpan[] => [
  { filter, since: positionOf(0), until: positionOf(Number.POSITIVE_INFINITY) },
]
