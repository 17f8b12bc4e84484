/**
 * The ledger of receivers that each get a message of their own. A message in order costs one comparison; only gaps are
 * remembered, so that a late message can be told from a second one.
 */
import type { DueOf } from '../topology.ts'
import type { Ledger } from './ledger.ts'

const gapMessagesMax = 100_000

export interface ReceiverLedgerOptions {
  readonly publishers: number
  /** The receivers that are counted here: [from, end). */
  readonly receivers: { readonly from: number; readonly end: number }
  readonly dueOf: DueOf
  /** Some messages of a publisher are for one receiver, some for another: a sequence number is no ordinal. */
  readonly isPartial: boolean
}

export class ReceiverLedger implements Ledger {
  delivered = 0
  duplicated = 0
  outOfOrder = 0
  missing = 0
  readonly #options: ReceiverLedgerOptions
  readonly #next: Uint32Array
  /** `stream * 2^32 + ordinal` of what was skipped; beyond the bound a late message counts as a second one. */
  readonly #gaps = new Set<number>()

  constructor(options: ReceiverLedgerOptions) {
    this.#options = options
    const { publishers, receivers } = options
    this.#next = new Uint32Array(publishers * (receivers.end - receivers.from))
  }

  count(receiver: number, publisher: number, sequence: number): void {
    const ordinal = this.#options.isPartial ? this.#ordinalOf(receiver, publisher, sequence) : sequence
    const stream = this.#streamOf(receiver, publisher)
    if (this.#next[stream] === ordinal) {
      this.#next[stream] = ordinal + 1
      this.delivered++
    } else this.#countUnexpected(stream, ordinal)
  }

  due(published: readonly number[]): number {
    const { receivers, dueOf } = this.#options
    let due = 0
    for (let receiver = receivers.from; receiver < receivers.end; receiver++) {
      published.forEach((count, publisher) => {
        const ordinals = dueOf(receiver, publisher, count)
        if (ordinals > 0) due += ordinals - (this.#next[this.#streamOf(receiver, publisher)] as number)
      })
    }
    return due
  }

  #streamOf(receiver: number, publisher: number): number {
    return (receiver - this.#options.receivers.from) * this.#options.publishers + publisher
  }

  #ordinalOf(receiver: number, publisher: number, sequence: number): number {
    const { dueOf } = this.#options
    const ordinal = dueOf(receiver, publisher, sequence)
    if (dueOf(receiver, publisher, sequence + 1) === ordinal) throw new Error('a message came that matches no filter')
    return ordinal
  }

  #countUnexpected(stream: number, ordinal: number): void {
    const expected = this.#next[stream] as number
    const key = (at: number): number => stream * 2 ** 32 + at
    if (ordinal > expected) {
      for (let at = expected; at < ordinal && this.#gaps.size < gapMessagesMax; at++) this.#gaps.add(key(at))
      this.missing += ordinal - expected
      this.#next[stream] = ordinal + 1
      this.delivered++
    } else if (this.#gaps.delete(key(ordinal))) {
      this.missing--
      this.outOfOrder++
      this.delivered++
    } else this.duplicated++
  }
}
