/** All lanes but our own: follows those that grow, a bounded part in each turn, and holds at barriers. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CommitListeners,
  type CommittedBatch,
  type Cursor,
  type Partition,
  type PartitionRange,
  type Position,
  position,
} from '@hawser/engine'
import { type Clock, HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import { nodeFiles } from '../files.ts'
import { laneFolderName } from '../format.ts'
import type { LaneReader } from '../lane-reader.ts'
import { Follower } from './follower.ts'
import { ForeignLane } from './foreign-lane.ts'
import type { LaneState } from './lane-state.ts'

/** Runs that one lane hands over before the event loop has its turn. */
const runsPerTurnMax = 4
const retryMs: Milliseconds = milliseconds(1000)

export interface ForeignLanesOptions {
  readonly folder: string
  readonly own: Partition
  /** One past the newest position of our own lane that is committed. */
  readonly ownEnd: () => number
  readonly clock: Clock
  readonly listeners: CommitListeners
  readonly checkOpen: () => void
  readonly onFault: (error: HawserError) => void
}

export class ForeignLanes {
  readonly #options: ForeignLanesOptions
  readonly #lanes = new Map<Partition, ForeignLane>()
  readonly #follower: Follower
  #isScheduled = false
  #retry: Disposable | undefined
  #waiting: readonly { readonly lane: Partition; readonly resolve: () => void }[] = []
  #isStarting = true
  #isClosed = false

  constructor(options: ForeignLanesOptions) {
    this.#options = options
    const { listeners, onFault } = options
    const onBatch = (batch: CommittedBatch): void => listeners.tell(batch)
    const isReached = (barrier: Cursor): boolean => this.#isReached(barrier)
    this.#follower = new Follower({ files: nodeFiles, onBatch, isReached, onFault })
  }

  /** From now on a lane that is new to us is one that was born later. */
  started(): void {
    this.#isStarting = false
  }

  get(lane: Partition): ForeignLane | undefined {
    return this.#lanes.get(lane)
  }

  reader(lane: Partition): LaneReader | undefined {
    return this.#lanes.get(lane)?.reader
  }

  ranges(): PartitionRange[] {
    return [...this.#lanes.values()].map(({ partition, segments: { start, end, bytes } }) => {
      return { partition, start: position(start), end: position(end), bytes }
    })
  }

  learn(state: LaneState): void {
    if (this.#isClosed || state.lane === this.#options.own) return
    const known = this.#lanes.get(state.lane)
    if (known === undefined) {
      // Of a lane that nobody has told the whole of yet.
      if (state.kind === 'grown') return
      this.#lanes.set(state.lane, new ForeignLane(state, this.#isStarting ? 'all' : 'nothing', this.#options))
    } else {
      if (state.kind !== 'grown') this.#follower.forget(known)
      known.learn(state)
    }
    this.wake()
  }

  /** Resolves once all that is durable of a lane, as far as it was told, is handed over. */
  caughtUp(lane: Partition): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = [...this.#waiting, { lane, resolve }]
      this.#settleWaiting()
    })
  }

  /** Partitions that must be read further before others may go on. */
  awaited(): Partition[] {
    return [...this.#lanes.values()].flatMap(({ barrier }) =>
      [...(barrier ?? [])].flatMap(([of, at]) => (this.#hasReached(of, at) ? [] : [of])),
    )
  }

  /** Something may be there to hand over, or a barrier may have been reached. */
  readonly wake = (): void => {
    if (this.#isScheduled || this.#isClosed || this.#lanes.size === 0) return
    this.#isScheduled = true
    setImmediate(this.#turn)
  }

  /** Our own lane has grown. */
  ownCommitted(): void {
    for (const lane of this.#lanes.values()) if (lane.barrier !== undefined) return this.wake()
  }

  close(): void {
    this.#isClosed = true
    this.#retry?.[Symbol.dispose]()
    this.#follower.close()
    this.#settleWaiting()
  }

  readonly #turn = (): void => {
    this.#isScheduled = false
    if (this.#isClosed) return
    let hasMoved = false
    for (const lane of this.#lanes.values()) hasMoved = this.#follow(lane) || hasMoved
    this.#settleWaiting()
    // What one lane has reached may be what another waits for.
    if (hasMoved) this.wake()
  }

  #settleWaiting(): void {
    const waits = ({ lane }: { readonly lane: Partition }): boolean => this.#lanes.get(lane)?.advance() !== undefined
    const settled = this.#waiting.filter((waiting) => this.#isClosed || !waits(waiting))
    this.#waiting = this.#waiting.filter((waiting) => !settled.includes(waiting))
    for (const { resolve } of settled) resolve()
  }

  #follow(lane: ForeignLane): boolean {
    let runs = 0
    try {
      while (runs < runsPerTurnMax && this.#passBarrier(lane) && this.#follower.step(lane)) runs++
    } catch (cause) {
      // What a listener throws is not ours to catch.
      if (!(cause instanceof Error && 'syscall' in cause)) throw cause
      this.#options.onFault(
        new HawserError('LOG_FAILED', `partition ${lane.partition} cannot be read`, { cause, retryable: true }),
      )
      this.#retry ??= this.#options.clock.after(retryMs, () => {
        this.#retry = undefined
        this.wake()
      })
      return false
    }
    return runs > 0
  }

  /** Answers whether the lane may go on. */
  #passBarrier(lane: ForeignLane): boolean {
    if (lane.barrier !== undefined && !this.#isReached(lane.barrier)) return false
    lane.barrier = undefined
    return true
  }

  #isReached(barrier: Cursor): boolean {
    for (const [of, at] of barrier) if (!this.#hasReached(of, at)) return false
    return true
  }

  #hasReached(of: Partition, at: Position): boolean {
    if (of === this.#options.own) return this.#options.ownEnd() >= at
    const lane = this.#lanes.get(of)
    // A lane of this log that was not told of yet has a folder already; one of another log (class `memory`) has none.
    if (lane === undefined) return at <= 0 || !existsSync(join(this.#options.folder, laneFolderName(of)))
    return lane.end >= at || (lane.isEnded && lane.advance() === undefined)
  }
}
