/** All lanes but our own: follows them, and holds each at a barrier until what that names is handed over. */
import {
  type CommitListeners,
  type Cursor,
  type Partition,
  type PartitionRange,
  type Position,
  position,
  volatilePartition,
} from '@hawser/engine'
import type { Clock, HawserError } from '@hawser/std'
import type { NatsConnection } from '@nats-io/transport-node'
import { ForeignLane } from './foreign-lane.ts'
import type { LaneExtent } from './lane-extent.ts'
import { LaneReader, type LaneReaderOptions } from './lane-reader.ts'

export interface ForeignLanesOptions extends LaneReaderOptions {
  readonly connection: NatsConnection
  readonly clock: Clock
  readonly own: Partition
  /** One past the newest position of our own lane that is committed. */
  readonly ownEnd: () => number
  readonly listeners: CommitListeners
  readonly streamOf: (lane: Partition) => string
  readonly toldSubjectOf: (lane: Partition) => string
  readonly onUnreadable: (error: HawserError) => void
}

export class ForeignLanes {
  readonly #options: ForeignLanesOptions
  readonly #lanes = new Map<Partition, ForeignLane>()
  #isScheduled = false
  #isClosed = false

  constructor(options: ForeignLanesOptions) {
    this.#options = options
  }

  get(lane: Partition): ForeignLane | undefined {
    return this.#lanes.get(lane)
  }

  reader(lane: Partition): LaneReader | undefined {
    const found = this.#lanes.get(lane)
    return found && new LaneReader(found, this.#options)
  }

  ranges(): PartitionRange[] {
    return Array.from(this.#lanes.values(), ({ partition, start, end, bytes }) => {
      return { partition, start: position(start), end: position(end), bytes }
    })
  }

  /** A lane that was there before us: what it holds is read by who needs it. */
  open(lane: Partition, extent: LaneExtent): void {
    this.#follow(lane, extent)
  }

  /** A lane that was born later is handed over from its birth. */
  discover(lane: Partition): void {
    if (lane === this.#options.own || this.#lanes.has(lane)) return
    this.#follow(lane, { first: 1, last: 0, start: 0, end: 0, bytes: 0 })
    this.moved()
  }

  /** Partitions that must be read further before others may go on. */
  awaited(): Partition[] {
    return [...this.#lanes.values()].flatMap(({ barrier }) =>
      [...(barrier ?? [])].flatMap(([of, at]) => (this.#hasReached(of, at) ? [] : [of])),
    )
  }

  /** Resolves once the message is handed over. */
  async reached(lane: Partition, sequence: number): Promise<void> {
    await this.#lanes.get(lane)?.follower.reached(sequence)
  }

  /** A lane has grown: it may be what others wait for. */
  readonly moved = (): void => {
    if (this.#isScheduled || this.#isClosed) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      for (const lane of this.#lanes.values()) if (lane.barrier !== undefined) lane.follower.offer()
    })
  }

  close(): void {
    this.#isClosed = true
    for (const lane of this.#lanes.values()) lane.follower.close()
  }

  #follow(partition: Partition, before: LaneExtent): void {
    const { connection, clock, streamOf, toldSubjectOf, listeners, onUnreadable } = this.#options
    const lane = new ForeignLane({
      partition,
      before,
      connection,
      clock,
      stream: streamOf(partition),
      toldSubject: toldSubjectOf(partition),
      isReached: (barrier) => this.#isReached(barrier),
      onBatch: (batch) => listeners.tell(batch),
      onMoved: this.moved,
      onUnreadable,
    })
    this.#lanes.set(partition, lane)
  }

  #isReached(barrier: Cursor): boolean {
    for (const [of, at] of barrier) if (!this.#hasReached(of, at)) return false
    return true
  }

  #hasReached(of: Partition, at: Position): boolean {
    if (of === this.#options.own) return this.#options.ownEnd() >= at
    const lane = this.#lanes.get(of)
    // The row of a lane may come later than a barrier that names it; one of class `memory` has none.
    if (lane === undefined) return at <= 0 || of === volatilePartition
    return lane.end >= at || lane.isEnded
  }
}
