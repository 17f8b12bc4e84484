/**
 * Whose partitions this process hands out for shared subscriptions. A process that is alone hands out all; else the
 * owner of a lane hands out its messages, or who has adopted it.
 */
import { type Partition, type PeerId, type Position, volatilePartition } from '@hawser/engine'

type Ends = ReadonlyMap<Partition, Position>

export class Leases {
  readonly #own: Partition
  readonly #allEnds: () => Ends
  /** No other process is there, or will be. */
  readonly alone: boolean
  readonly #held = new Set<Partition>()
  /** Who else hands out a partition. */
  readonly #others = new Map<Partition, PeerId>()
  /** How often a partition has changed hands: of two accounts of it the later one is true. */
  readonly terms = new Map<Partition, number>()

  constructor(own: Partition, allEnds: () => Ends, alone: boolean) {
    this.#own = own
    this.#allEnds = allEnds
    this.alone = alone
  }

  get held(): ReadonlySet<Partition> {
    return this.#held
  }

  has(partition: Partition): boolean {
    return this.alone || this.#held.has(partition) || partition === volatilePartition
  }

  /** Its messages go to members of this process without a detour: nobody else will ever hand it out meanwhile. */
  isOwn(partition: Partition): boolean {
    return this.alone || partition === this.#own || partition === volatilePartition
  }

  /** How far this process has been handed the partitions that it hands out. */
  ends(): Ends {
    const all = this.#allEnds()
    if (this.alone) return all
    return new Map([...all].filter(([partition]) => this.has(partition)))
  }

  /** The peer that hands a partition out; undefined where it is this process, or nobody is known. */
  peerOf(partition: Partition): PeerId | undefined {
    return this.#others.get(partition)
  }

  hold(partition: Partition): void {
    this.#held.add(partition)
    this.#others.delete(partition)
  }

  /** Another process hands it out from now on. */
  give(partition: Partition, peer: PeerId): void {
    this.#held.delete(partition)
    this.#others.set(partition, peer)
  }

  /** Answers what the peer has handed out. */
  forget(peer: PeerId): Partition[] {
    const left = [...this.#others].filter(([, other]) => other === peer).map(([partition]) => partition)
    for (const partition of left) this.#others.delete(partition)
    return left
  }
}
