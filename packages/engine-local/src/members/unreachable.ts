/**
 * Lanes whose owner is silent and may not be ended from here: nobody is given them before their lock is free. An owner
 * that is heard again goes on with its own.
 */
import type { Partition } from '@hawser/engine'
import { HawserError } from '@hawser/std'
import type { ProcessIdentity } from '../lock/process-identity.ts'

export interface UnreachableOptions {
  /** Whether the owner is on the bus: then what is heard of it counts, and not its lock. */
  readonly hasOwner: (lane: Partition) => boolean
  readonly isFree: (lane: Partition) => boolean
  /** Said once for each. */
  readonly onFault: (error: HawserError) => void
  /** It can be taken over. */
  readonly onFree: (lane: Partition) => void
}

export class Unreachable {
  readonly #options: UnreachableOptions
  /** With the beat in which it was last found silent. */
  readonly #lanes = new Map<Partition, number>()
  #beats = 0

  constructor(options: UnreachableOptions) {
    this.#options = options
  }

  get all(): readonly Partition[] {
    return [...this.#lanes.keys()]
  }

  has(lane: Partition): boolean {
    return this.#lanes.has(lane)
  }

  refused(lane: Partition, owner: ProcessIdentity, why: string): void {
    const isNew = !this.#lanes.has(lane)
    this.#lanes.set(lane, this.#beats)
    if (!isNew) return
    this.#options.onFault(
      new HawserError('DATA_DIR_IN_USE', `process ${owner.pid} is silent and cannot be ended: ${why}`, {
        mend: `end it on ${owner.host}; what it left in partition ${lane} is taken over then`,
      }),
    )
  }

  delete(lane: Partition): void {
    this.#lanes.delete(lane)
  }

  /** To be called with each beat, behind what it finds silent. */
  beat(): void {
    const { hasOwner, isFree, onFree } = this.#options
    for (const [lane, silentAt] of [...this.#lanes]) {
      const isOver = hasOwner(lane) ? silentAt < this.#beats : isFree(lane)
      if (!isOver) continue
      this.#lanes.delete(lane)
      if (!hasOwner(lane)) onFree(lane)
    }
    this.#beats++
  }
}
