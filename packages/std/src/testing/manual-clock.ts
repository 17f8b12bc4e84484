import type { Clock } from '../clock.ts'
import { disposable } from '../dispose.ts'
import { type EpochMicros, epochMicros, type Milliseconds, milliseconds } from '../units.ts'

interface Timer {
  readonly dueMs: number
  readonly callback: () => void
}

/** A clock that stands until it is told to move, and then fires what fell due, in order. */
export class ManualClock implements Clock {
  #monotonicMs = 0
  #wallMicros: number
  readonly #timers = new Set<Timer>()

  constructor(wallMicros = 1_700_000_000_000_000) {
    this.#wallMicros = wallMicros
  }

  wallMicros(): EpochMicros {
    return epochMicros(this.#wallMicros)
  }

  monotonicMs(): Milliseconds {
    return milliseconds(this.#monotonicMs)
  }

  after(delay: Milliseconds, callback: () => void): Disposable {
    const timer: Timer = { dueMs: this.#monotonicMs + Math.max(0, delay), callback }
    this.#timers.add(timer)
    return disposable(() => this.#timers.delete(timer))
  }

  /** Moves both clocks on, stopping at each timer that falls due. */
  advance(byMs: number): void {
    const endMs = this.#monotonicMs + byMs
    for (let timer = this.#nextUntil(endMs); timer !== undefined; timer = this.#nextUntil(endMs)) {
      this.#timers.delete(timer)
      this.#moveTo(Math.max(timer.dueMs, this.#monotonicMs))
      timer.callback()
    }
    this.#moveTo(endMs)
  }

  /** Sets the wall clock alone, as an operator or NTP would. */
  jumpWall(byMs: number): void {
    this.#wallMicros += byMs * 1000
  }

  #moveTo(ms: number): void {
    this.#wallMicros += (ms - this.#monotonicMs) * 1000
    this.#monotonicMs = ms
  }

  #nextUntil(endMs: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer
    }
    return next
  }
}
