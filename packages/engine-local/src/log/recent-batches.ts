/** Which part of the gather buffer's ring still holds committed frames, oldest first. */

export interface RecentBatch {
  readonly start: number
  readonly end: number
  /** Positions [first, next). */
  readonly first: number
  readonly next: number
}

/** What is evicted at once, and how far a reader walks at most to find its frame. */
const entryBytesMax = 256 * 1024
/** Evicted entries are dropped from the array once there are so many. */
const deadEntriesMax = 1024

export class RecentBatches {
  readonly #batches: RecentBatch[] = []
  #oldest = 0

  /** Small batches that lie side by side become one entry, so that there are few. */
  add(batch: RecentBatch): void {
    const last = this.#batches.length > this.#oldest ? this.#batches.at(-1) : undefined
    const isNext = last !== undefined && last.end === batch.start && last.next === batch.first
    if (!isNext || batch.end - last.start > entryBytesMax) this.#batches.push(batch)
    else this.#batches[this.#batches.length - 1] = { ...last, end: batch.end, next: batch.next }
  }

  /** The bytes [from, to) are about to be overwritten. The ring goes round in order, so only the oldest can lie there. */
  evict(from: number, to: number): void {
    for (;;) {
      const batch = this.#batches[this.#oldest]
      if (batch === undefined || batch.start >= to || batch.end <= from) break
      this.#oldest++
    }
    if (this.#oldest < deadEntriesMax) return
    this.#batches.splice(0, this.#oldest)
    this.#oldest = 0
  }

  /** The batch that holds the first record at or behind `position`; undefined where the memory does not reach so far back. */
  find(position: number): RecentBatch | undefined {
    const oldest = this.#batches[this.#oldest]
    if (oldest === undefined || position < oldest.first) return undefined
    let low = this.#oldest
    let high = this.#batches.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#batches[middle]?.next ?? 0) <= position) low = middle + 1
      else high = middle
    }
    return this.#batches[low]
  }
}
