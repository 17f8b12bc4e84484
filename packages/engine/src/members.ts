/**
 * The port to the other living processes of one log, and to what dead ones left. A process that owns its log alone has
 * none. The rules are in docs/decisions/0011-many-processes.md.
 */
import type { Bus, PeerId } from './bus.ts'
import type { Partition, PartitionRange } from './log.ts'

export interface Members extends AsyncDisposable {
  readonly bus: Bus
  /** The partition that a living peer appends to; undefined where there is no such peer. */
  partitionOf(peer: PeerId): Partition | undefined
  /**
   * Partitions whose last owner has ended, killed or in order, and whose sessions nobody has taken over yet. A partition
   * is in it from the moment that its owner is known to be gone (ahead of the bus's `left`), or from the start, until
   * an adoption is `done` anywhere. Who starts on such a partition finds its own one in it, and it alone can adopt it.
   */
  orphans(): readonly Partition[]
  /** Something came into `orphans`, or left it. */
  onOrphans(listener: () => void): Disposable
  /**
   * Partitions whose owner shows no sign of life and cannot be ended from here: nobody takes them over, and nobody who may
   * have been there is let in, until it goes on or is gone.
   */
  unreachable(): readonly Partition[]
  /**
   * Makes sure that nobody writes the partition any more (its owner is killed if it is merely frozen), takes its lock
   * and recovers its tail, so that `log.read` and `log.find` serve all that was acknowledged. Answers undefined where
   * another process is at it, or has been.
   */
  adopt(partition: Partition): Promise<Adoption | undefined>
}

/** While it is held nobody else adopts the partition, and no process starts on it. */
export interface Adoption extends AsyncDisposable {
  /** All that there is: nothing more is appended until a process starts on the partition again. */
  readonly range: PartitionRange
  /** What it left is taken over, durably: all processes forget the orphan. */
  done(): Promise<void>
}
