/** Asks a child again and again whether it lives: one that is frozen, or turns in a loop, does not answer. */
import { type Clock, milliseconds } from '@hawser/std'

export const watchdogLimits = {
  askMs: milliseconds(1_000),
  /**
   * Questions in a row without an answer. They are counted, and no time is measured: a machine that was suspended for
   * an hour has asked once.
   */
  unansweredMax: 8,
  /** Before it is ready: it loads its program, and reads what its predecessor left. */
  unansweredStartingMax: 60,
}

export interface WatchdogOptions {
  readonly clock: Clock
  ask(): void
  isReady(): boolean
  /** Called once. */
  onSilent(): void
}

export class Watchdog implements Disposable {
  readonly #options: WatchdogOptions
  #unanswered = 0
  #next: Disposable

  constructor(options: WatchdogOptions) {
    this.#options = options
    this.#next = this.#askLater()
  }

  answered(): void {
    this.#unanswered = 0
  }

  [Symbol.dispose](): void {
    this.#next[Symbol.dispose]()
  }

  #askLater(): Disposable {
    const { clock, ask, isReady, onSilent } = this.#options
    return clock.after(watchdogLimits.askMs, () => {
      const { unansweredMax, unansweredStartingMax } = watchdogLimits
      if (this.#unanswered >= (isReady() ? unansweredMax : unansweredStartingMax)) return onSilent()
      this.#unanswered++
      ask()
      this.#next = this.#askLater()
    })
  }
}
