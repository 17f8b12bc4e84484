/** The newest messages of a lane, as far as a bound reaches back: who reads close to the end asks no server. */
import type { StoredMessage } from '../stream/stored-messages.ts'

export interface PlacedMessage extends StoredMessage {
  /** Position of its first record. */
  readonly first: number
}

export class RecentMessages {
  readonly #bytesMax: number
  #messages: PlacedMessage[] = []
  #oldest = 0
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  add(message: PlacedMessage): void {
    const last = this.#messages.at(-1)
    if (last !== undefined && message.sequence !== last.sequence + 1) this.#clear()
    this.#messages.push(message)
    this.#bytes += message.data.length
    for (let first = this.#messages[this.#oldest]; first !== undefined; first = this.#messages[this.#oldest]) {
      if (this.#bytes <= this.#bytesMax) break
      this.#bytes -= first.data.length
      this.#oldest++
    }
    if (this.#oldest < this.#messages.length / 2) return
    this.#messages = this.#messages.slice(this.#oldest)
    this.#oldest = 0
  }

  get(sequence: number): PlacedMessage | undefined {
    const first = this.#messages[this.#oldest]
    if (first === undefined || sequence < first.sequence) return undefined
    return this.#messages[this.#oldest + sequence - first.sequence]
  }

  /** The number of the last message that begins at or before a position; undefined where the memory does not reach back. */
  locate(position: number): number | undefined {
    const oldest = this.#messages[this.#oldest]
    if (oldest === undefined || position < oldest.first) return undefined
    let low = this.#oldest
    let high = this.#messages.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((this.#messages[middle]?.first ?? 0) <= position) low = middle
      else high = middle
    }
    return this.#messages[low]?.sequence
  }

  #clear(): void {
    this.#messages = []
    this.#oldest = 0
    this.#bytes = 0
  }
}
