/**
 * The message on which another broker closes the connection again and again. Before 5.0 that is how one is refused, and
 * some do so in 5.0: without a bound it would be tried for ever, and all behind it would wait.
 */
import type { Message } from '../connector.ts'

type Place = Pick<Message, 'partition' | 'position'>

/** After the first time it is sent alone, so that no other is blamed. */
const closesMax = 6

export type Verdict = 'send' | 'send-alone' | 'give-up'

/** Outlives the connections. */
export class Suspect {
  #place: Place | undefined
  #closes = 0

  /** The connection was closed, and this is the oldest message that had no answer. */
  closedOn(place: Place): void {
    this.#closes = this.#is(place) ? this.#closes + 1 : 1
    this.#place = { partition: place.partition, position: place.position }
  }

  verdictOn(place: Place): Verdict {
    if (!this.#is(place)) return 'send'
    return this.#closes < closesMax ? 'send-alone' : 'give-up'
  }

  get reason(): string {
    return `closed: the other broker has closed the connection on it ${this.#closes} times`
  }

  #is({ partition, position }: Place): boolean {
    return this.#place?.partition === partition && this.#place.position === position
  }
}
