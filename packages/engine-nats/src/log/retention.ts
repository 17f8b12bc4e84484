/** Deletes the oldest messages of the own lane once nobody needs them any more and they are too old or too many. */
import type { RetentionLimits } from '@hawser/engine'
import type { Clock, HawserError, Milliseconds } from '@hawser/std'

export interface RetentionOptions extends RetentionLimits {
  readonly clock: Clock
  /** Deletes all messages below. */
  readonly purge: (sequence: number) => Promise<void>
  readonly onFault: (error: HawserError) => void
}

/** Messages that go together. */
interface Span {
  readonly sinceMs: Milliseconds
  /** One past the newest: its number, and the position of what comes then. */
  end: number
  endPosition: number
  bytes: number
}

export interface OldestMessage {
  readonly sequence: number
  readonly position: number
}

const spanBytesMax = 4 << 20
const spanMsMax = 60_000

export class Retention {
  readonly #options: RetentionOptions
  #spans: Span[] = []
  #bytes = 0
  #floor = 0
  #purging: Promise<void> | undefined

  constructor(options: RetentionOptions) {
    this.#options = options
  }

  get bytes(): number {
    return this.#bytes
  }

  /** What was there before us counts as of now: nobody has said how old it is. */
  add(sequence: number, endPosition: number, bytes: number): void {
    const now = this.#options.clock.monotonicMs()
    this.#bytes += bytes
    const last = this.#spans.at(-1)
    if (last !== undefined && last.bytes + bytes <= spanBytesMax && now - last.sinceMs < spanMsMax) {
      last.end = sequence + 1
      last.endPosition = endPosition
      last.bytes += bytes
    } else this.#spans.push({ sinceMs: now, end: sequence + 1, endPosition, bytes })
  }

  /** Answers with the oldest message that stays, where some must go. */
  setFloor(position: number): OldestMessage | undefined {
    this.#floor = Math.max(this.#floor, position)
    if (this.#purging !== undefined) return undefined
    const going = this.#expired()
    if (going === undefined) return undefined
    this.#purging = this.#options
      .purge(going.sequence)
      .catch((error) => this.#options.onFault(error))
      .finally(() => {
        this.#purging = undefined
      })
    return going
  }

  async close(): Promise<void> {
    await this.#purging
  }

  #expired(): OldestMessage | undefined {
    const { clock, bytes, ms } = this.#options
    let oldestKept: OldestMessage | undefined
    for (let [oldest] = this.#spans; oldest !== undefined; [oldest] = this.#spans) {
      const isNeeded = this.#spans.length === 1 || oldest.endPosition > this.#floor
      if (isNeeded || (this.#bytes <= bytes && clock.monotonicMs() - oldest.sinceMs <= ms)) break
      oldestKept = { sequence: oldest.end, position: oldest.endPosition }
      this.#bytes -= oldest.bytes
      this.#spans.shift()
    }
    return oldestKept
  }
}
