/** How much one session is sent in one turn of the event loop before the others have theirs. */

/** Some tens of microseconds where nothing is sent, about a millisecond where each step sends a message. */
export const stepsPerTurn = 512

export class Pace {
  #left = stepsPerTurn

  /** Of this turn; never 0 after `nextTurn`. */
  get left(): number {
    return this.#left
  }

  get isUsedUp(): boolean {
    return this.#left <= 0
  }

  /** Answers whether the turn is used up: then `nextTurn` is due. */
  spend(steps = 1): boolean {
    this.#left -= steps
    return this.#left <= 0
  }

  async nextTurn(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve))
    this.#left = stepsPerTurn
  }
}
