/** What of one partition is durable. It outlives the processes that append to it, one after the other. */
import type { Partition, PartitionRange, Position } from '../log.ts'

/** Records of one commit, one behind the other; their positions have no gap. */
export interface Segment {
  readonly bytes: Buffer
  readonly offsets: Uint32Array
  readonly firstPosition: number
  readonly count: number
}

const endOf = (segment: Segment): number => segment.firstPosition + segment.count

export class Lane {
  readonly partition: Partition
  readonly #segments: Segment[] = []
  #start = 0
  #bytes = 0
  /** Given out with each record, and never again, also where the record was lost. */
  nextPosition = 0
  /** One past the newest durable record. */
  durableEnd = 0
  /** What processes that open the log find of it: as far as its owner has told, or who recovered it. */
  toldEnd = 0
  /** Who has its lock. */
  holder: object | undefined
  /** Who has its lock, and takes over what its last owner left. */
  adopter: object | undefined
  /** Nobody has taken over what its last owner left. */
  orphaned = false

  constructor(partition: Partition) {
    this.partition = partition
  }

  append(segment: Segment): void {
    this.#segments.push(segment)
    this.#bytes += segment.bytes.length
    this.durableEnd = endOf(segment)
  }

  /** Forgets whole commits below `floor`, but for the newest. */
  forgetBelow(floor: number): void {
    for (let first = this.#segments[0]; first !== undefined && this.#segments.length > 1; first = this.#segments[0]) {
      if (endOf(first) > floor) return
      this.#segments.shift()
      this.#bytes -= first.bytes.length
      this.#start = this.#segments[0]?.firstPosition ?? this.#start
    }
  }

  get start(): number {
    return this.#start
  }

  range(end: number): PartitionRange {
    return { partition: this.partition, start: this.#start as Position, end: end as Position, bytes: this.#bytes }
  }

  /** The first segment with a record at or behind `position`. */
  segmentFrom(position: number): Segment | undefined {
    let low = 0
    let high = this.#segments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const segment = this.#segments[middle]
      if (segment !== undefined && endOf(segment) <= position) low = middle + 1
      else high = middle
    }
    return this.#segments[low]
  }
}
