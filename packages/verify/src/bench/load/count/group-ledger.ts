/** The ledger of a shared subscription: each message comes to exactly one member of the group, whichever it is. */
import type { Ledger } from './ledger.ts'

const firstBytes = 64 * 1024

export class GroupLedger implements Ledger {
  delivered = 0
  duplicated = 0
  outOfOrder = 0
  /** What one member skips, another may get: what is not delivered is due. */
  readonly missing = 0
  readonly #publishers: number
  readonly #members: number
  /** Of each publisher: a bit for each sequence number that has come. */
  readonly #seen: Buffer[]
  /** Behind the highest sequence number of a publisher at a member. */
  readonly #next: Uint32Array

  constructor(publishers: number, members: number) {
    this.#publishers = publishers
    this.#members = members
    this.#seen = Array.from({ length: publishers }, () => Buffer.alloc(firstBytes))
    this.#next = new Uint32Array(publishers * members)
  }

  count(member: number, publisher: number, sequence: number): void {
    const byte = sequence >>> 3
    const bit = 1 << (sequence & 7)
    const seen = this.#seenOf(publisher, byte)
    if (((seen[byte] as number) & bit) !== 0) {
      this.duplicated++
      return
    }
    seen[byte] = (seen[byte] as number) | bit
    this.delivered++
    const stream = member * this.#publishers + publisher
    if (sequence < (this.#next[stream] as number)) this.outOfOrder++
    else this.#next[stream] = sequence + 1
  }

  due(published: readonly number[]): number {
    // The group is another process's.
    if (this.#members === 0) return 0
    return published.reduce((sum, count) => sum + count, 0) - this.delivered
  }

  #seenOf(publisher: number, byte: number): Buffer {
    const seen = this.#seen[publisher]
    if (seen === undefined) throw new Error(`a message of publisher ${publisher}, whom nobody knows`)
    if (byte < seen.length) return seen
    const grown = Buffer.alloc(2 ** Math.ceil(Math.log2(byte + 1)))
    seen.copy(grown)
    this.#seen[publisher] = grown
    return grown
  }
}
