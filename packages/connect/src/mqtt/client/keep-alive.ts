/** Section 3.1.2.10: a client says something within its Keep Alive; a broker that then says nothing is gone. */
import { type Clock, milliseconds } from '@hawser/std'

export interface KeepAliveActions {
  ping(): void
  silent(): void
}

export class KeepAlive implements Disposable {
  readonly #clock: Clock
  readonly #lookMs: number
  readonly #actions: KeepAliveActions
  #heard = true
  #said = true
  #asked = false
  #timer: Disposable

  constructor(clock: Clock, keepAliveSeconds: number, actions: KeepAliveActions) {
    this.#clock = clock
    this.#lookMs = (keepAliveSeconds * 1_000) / 2
    this.#actions = actions
    this.#timer = this.#next()
  }

  heard(): void {
    this.#heard = true
  }

  said(): void {
    this.#said = true
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]()
  }

  #next(): Disposable {
    return this.#clock.after(milliseconds(this.#lookMs), () => {
      this.#timer = this.#next()
      this.#look()
    })
  }

  #look(): void {
    if (this.#asked && !this.#heard) return this.#actions.silent()
    this.#asked = !this.#heard || !this.#said
    this.#heard = false
    this.#said = false
    if (this.#asked) this.#actions.ping()
  }
}
