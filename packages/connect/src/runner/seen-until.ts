/** Up to which time of append all records have been handed over: what a sink needs to close windows of time. */
import type { Partition, PartitionRange } from '@hawser/engine'
import { type EpochMicros, epochMicros } from '@hawser/std'

export class SeenUntil {
  readonly #byPartition = new Map<Partition, EpochMicros>()

  passed(partition: Partition, time: EpochMicros): void {
    this.#byPartition.set(partition, epochMicros(Math.max(time, this.#byPartition.get(partition) ?? 0)))
  }

  /** A partition of which nothing was read yet holds it back altogether. */
  least(ranges: readonly PartitionRange[]): EpochMicros {
    const times = ranges.map((range) => this.#byPartition.get(range.partition) ?? 0)
    return epochMicros(times.length === 0 ? 0 : Math.min(...times))
  }
}
