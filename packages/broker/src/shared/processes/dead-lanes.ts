/**
 * Lanes whose owner is dead, until this process has been handed all that was acknowledged in them: only then is known
 * what their sessions had been assigned.
 */
import type { Cursor, Members, Partition, PartitionRange, Position } from '@hawser/engine'

export interface DeadLanesParts {
  readonly members: Members
  readonly partitions: () => readonly PartitionRange[]
  readonly reached: (ends: Cursor) => Promise<void>
}

interface Dead {
  /** Its end is known. */
  told: boolean
  readonly settled: Promise<void>
  readonly settle: () => void
}

export class DeadLanes {
  readonly #parts: DeadLanesParts
  readonly #dead = new Map<Partition, Dead>()

  constructor(parts: DeadLanesParts) {
    this.#parts = parts
    // Who has adopted it says where it ends; where that was not heard, it has been read from the log at a start.
    parts.members.onOrphans(() => {
      const orphans = parts.members.orphans()
      for (const [lane, { told }] of this.#dead) if (!told && !orphans.includes(lane)) this.#endsWhereItIs(lane)
    })
  }

  add(lane: Partition): void {
    if (this.#dead.has(lane)) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#dead.set(lane, { told: false, settled: promise, settle: resolve })
  }

  /** Somebody has recovered its tail. */
  endsAt(lane: Partition, end: Position): void {
    const dead = this.#dead.get(lane)
    if (dead === undefined) return
    dead.told = true
    void this.#parts.reached(new Map([[lane, end]])).then(() => {
      if (this.#dead.get(lane) === dead) this.#dead.delete(lane)
      dead.settle()
    })
  }

  /** At once where the lane is not a dead one. */
  settled(lane: Partition): Promise<void> {
    return this.#dead.get(lane)?.settled ?? Promise.resolve()
  }

  async allSettled(): Promise<void> {
    await Promise.all(Array.from(this.#dead.values(), ({ settled }) => settled))
  }

  #endsWhereItIs(lane: Partition): void {
    const range = this.#parts.partitions().find(({ partition }) => partition === lane)
    if (range !== undefined) this.endsAt(lane, range.end)
  }
}
