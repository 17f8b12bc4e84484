/** What one process of a simulated host knows of the others, and of the lanes that dead ones left. */
import { disposable, type Random } from '@hawser/std'
import type { Bus, PeerId } from '../bus.ts'
import type { Partition } from '../log.ts'
import type { Adoption, Members } from '../members.ts'
import type { Lane } from './lane.ts'
import type { Lease } from './lease.ts'
import type { SimulatedBus } from './simulated-bus.ts'
import type { Turns } from './turns.ts'

/** What the members ask of the host that they are on. */
export interface MembersSurroundings {
  readonly bus: SimulatedBus
  readonly turns: Turns
  readonly lease: Lease
  /** Stands for the process where lanes say who holds them. */
  readonly holder: object
  readonly lanesOfPeers: ReadonlyMap<PeerId, Partition>
  laneOf(partition: Partition): Lane | undefined
  /** The lane is durable, and recovered, up to its end. */
  recovered(lane: Lane): void
  adopted(lane: Lane): void
}

export class SimulatedMembers implements Members {
  readonly #around: MembersSurroundings
  readonly #orphans = new Set<Partition>()
  readonly #listeners = new Set<() => void>()

  constructor(around: MembersSurroundings, orphans: readonly Partition[]) {
    this.#around = around
    for (const orphan of orphans) this.#orphans.add(orphan)
    around.bus.onLeft = (peer) => {
      const partition = around.lanesOfPeers.get(peer)
      if (partition !== undefined && around.laneOf(partition)?.orphaned) this.#orphans.add(partition)
    }
    around.bus.afterLeft = () => this.#tell()
  }

  get bus(): Bus {
    return this.#around.bus
  }

  partitionOf(peer: PeerId): Partition | undefined {
    return this.#around.bus.known.has(peer) ? this.#around.lanesOfPeers.get(peer) : undefined
  }

  orphans(): readonly Partition[] {
    return [...this.#orphans]
  }

  /** Whoever is frozen may be ended. */
  unreachable(): readonly Partition[] {
    return []
  }

  onOrphans(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return disposable(() => this.#listeners.delete(listener))
  }

  async adopt(partition: Partition): Promise<Adoption | undefined> {
    const { turns, holder, lease } = this.#around
    await turns.next('adoption')
    if (lease.isOver) return undefined
    const lane = this.#around.laneOf(partition)
    if (lane?.orphaned !== true || lane.adopter !== undefined) return undefined
    const isOwn = lane.holder === holder
    if (!isOwn && lane.holder !== undefined) return undefined
    lane.holder = holder
    lane.adopter = holder
    this.#around.recovered(lane)
    return {
      range: lane.range(lane.durableEnd),
      done: async () => {
        await turns.next('adoption')
        lease.mustHold()
        this.#around.adopted(lane)
      },
      [Symbol.asyncDispose]: async () => {
        if (lane.adopter !== holder) return
        lane.adopter = undefined
        if (!isOwn) lane.holder = undefined
      },
    }
  }

  adopted(partition: Partition): void {
    if (this.#orphans.delete(partition)) this.#tell()
  }

  /** Others have taken its lease. */
  fence(losing: Random): void {
    this.#around.bus.fence(losing)
  }

  leave(losing?: Random): void {
    this.#around.bus.leave(losing)
    this.#listeners.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave()
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
