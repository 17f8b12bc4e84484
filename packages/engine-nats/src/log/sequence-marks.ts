/**
 * Which message of a stream holds which position: some of them, learned from what passes by, so that the search for
 * another one is short. Positions count records, and a message has as many as came together.
 */

interface Mark {
  readonly sequence: number
  /** Position of the message's first record. */
  readonly first: number
}

export interface SequenceRange {
  /** A message that begins at or before what is looked for, as far as is known. */
  readonly low: number
  /** One that begins behind it. */
  readonly high: number
}

/** At most; when there are more, every other one is forgotten. */
const marksMax = 16_384

export class SequenceMarks {
  #marks: Mark[] = []
  #sequencesPerMark = 32

  /** Of a message behind all that were noted before. */
  note(sequence: number, first: number): void {
    const last = this.#marks.at(-1)
    if (last !== undefined && sequence - last.sequence < this.#sequencesPerMark) return
    this.#marks.push({ sequence, first })
    if (this.#marks.length <= marksMax) return
    this.#marks = this.#marks.filter((_, index) => index % 2 === 0)
    this.#sequencesPerMark *= 2
  }

  /** Within [`oldest`, `next`). */
  around(position: number, { low: oldest, high: next }: SequenceRange): SequenceRange {
    let low = 0
    let high = this.#marks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#marks[middle]?.first ?? 0) <= position) low = middle + 1
      else high = middle
    }
    const before = this.#marks[low - 1]?.sequence ?? oldest
    const behind = this.#marks[low]?.sequence ?? next
    return { low: Math.max(oldest, before), high: Math.max(oldest, behind) }
  }
}
