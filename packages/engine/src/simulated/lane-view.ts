/** How far one process has been handed the lanes of all, and what it may be handed next. */
import { readBarrier } from '../barrier-record.ts'
import type { Partition } from '../log.ts'
import { recordKind, recordKindAt } from '../record.ts'
import type { Lane, Segment } from './lane.ts'

interface Progress {
  readonly lane: Lane
  /** One past the newest record handed over. */
  handed: number
  /** As far as it has been told that the lane is durable: what it may read. */
  readable: number
}

/** What is handed over next: records [from, until) of a segment. */
export interface Portion {
  readonly lane: Lane
  readonly segment: Segment
  readonly from: number
  readonly until: number
}

export class LaneView {
  readonly #progress = new Map<Partition, Progress>()

  /** What of the lane is known when the log is opened counts as handed over. */
  open(lane: Lane): void {
    this.#progress.set(lane.partition, { lane, handed: lane.toldEnd, readable: lane.toldEnd })
  }

  /** A lane that was born while the log is open is handed over from its birth. */
  discover(lane: Lane): Progress {
    const known = this.#progress.get(lane.partition)
    if (known !== undefined) return known
    const born = { lane, handed: 0, readable: 0 }
    this.#progress.set(lane.partition, born)
    return born
  }

  told(lane: Lane, end: number): void {
    const progress = this.discover(lane)
    progress.readable = Math.max(progress.readable, end)
  }

  handedOver(portion: Portion): void {
    this.discover(portion.lane).handed = portion.until
  }

  handed(partition: Partition): number {
    return this.#progress.get(partition)?.handed ?? 0
  }

  readable(partition: Partition): number {
    return this.#progress.get(partition)?.readable ?? 0
  }

  lanes(): Lane[] {
    return Array.from(this.#progress.values(), ({ lane }) => lane)
  }

  /** Of any lane but `own`; undefined while there is nothing, or all of it is held by barriers. */
  next(own: Partition): Portion | undefined {
    for (const progress of this.#progress.values()) {
      const portion = progress.lane.partition === own ? undefined : this.#portion(progress)
      if (portion !== undefined) return portion
    }
    return undefined
  }

  #portion({ lane, handed, readable }: Progress): Portion | undefined {
    if (handed >= readable) return undefined
    const segment = lane.segmentFrom(handed)
    if (segment === undefined) return undefined
    const from = Math.max(handed, segment.firstPosition)
    const end = Math.min(segment.firstPosition + segment.count, readable)
    for (let at = from; at < end; at++) {
      if (this.#isHeld(segment, at)) return at === from ? undefined : { lane, segment, from, until: at }
    }
    return { lane, segment, from, until: end }
  }

  #isHeld({ bytes, offsets, firstPosition }: Segment, position: number): boolean {
    const at = offsets[position - firstPosition] ?? 0
    if (recordKindAt(bytes, at) !== recordKind.barrier) return false
    for (const [partition, end] of readBarrier(bytes, at)) if (this.handed(partition) < end) return true
    return false
  }
}
