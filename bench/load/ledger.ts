/**
 * What arrived of each publisher at each receiver, by sequence number. A message in order costs one comparison; only
 * gaps are remembered, so that a late message can be told from a second one.
 */
const gapMessagesMax = 100_000

export class Ledger {
  delivered = 0
  duplicated = 0
  outOfOrder = 0
  /** Skipped, and not come since. */
  missing = 0
  readonly #publishers: number
  readonly #next: Uint32Array
  /** `stream * 2^32 + sequence` of what was skipped; beyond the bound a late message counts as a second one. */
  readonly #gaps = new Set<number>()

  constructor(publishers: number, receivers: number) {
    this.#publishers = publishers
    this.#next = new Uint32Array(publishers * receivers)
  }

  count(receiver: number, publisher: number, sequence: number): void {
    const stream = receiver * this.#publishers + publisher
    if (this.#next[stream] === sequence) {
      this.#next[stream] = sequence + 1
      this.delivered++
    } else this.#countUnexpected(stream, sequence)
  }

  /** What has not come behind the newest, when `published[i]` of publisher `i` are due at each of `receiversOf(i)`. */
  due(published: readonly number[], receiversOf: (publisher: number) => readonly number[]): number {
    let due = 0
    published.forEach((count, publisher) => {
      for (const receiver of receiversOf(publisher)) {
        due += count - (this.#next[receiver * this.#publishers + publisher] as number)
      }
    })
    return due
  }

  #countUnexpected(stream: number, sequence: number): void {
    const expected = this.#next[stream] as number
    const key = (at: number): number => stream * 2 ** 32 + at
    if (sequence > expected) {
      for (let at = expected; at < sequence && this.#gaps.size < gapMessagesMax; at++) this.#gaps.add(key(at))
      this.missing += sequence - expected
      this.#next[stream] = sequence + 1
      this.delivered++
    } else if (this.#gaps.delete(key(sequence))) {
      this.missing--
      this.outOfOrder++
      this.delivered++
    } else this.duplicated++
  }
}
