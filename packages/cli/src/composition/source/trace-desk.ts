/** Traces that were asked for through REST: each keeps its newest events for its reader, and ends by itself. */
import {
  type TraceCommand,
  type TraceEventShown,
  type TracePage,
  type TraceStarted,
  traceEventsMax,
} from '@hawser/admin'
import type { Broker, TraceEvent } from '@hawser/broker'
import { type Clock, HawserError, milliseconds, type Random } from '@hawser/std'

const tracesMax = 8
const idBytes = 8
/** What a reader gets at once. */
const pageEventsMax = 1_000
/** An ended trace can still be read for so long. */
const readableMs = 60_000

interface Kept {
  readonly events: TraceEventShown[]
  /** Number of the first that is kept. */
  first: number
  dropped: number
  readonly endsAtMs: number
  readonly stop: Disposable
  running: boolean
}

export class TraceDesk implements Disposable {
  readonly #broker: Pick<Broker, 'trace'>
  readonly #clock: Clock
  readonly #random: Random
  readonly #traces = new Map<string, Kept>()

  constructor(broker: Pick<Broker, 'trace'>, clock: Clock, random: Random) {
    this.#broker = broker
    this.#clock = clock
    this.#random = random
  }

  start({ seconds, clientId, address, topicFilter }: TraceCommand): TraceStarted {
    this.#clear()
    if (this.#traces.size >= tracesMax) {
      throw new HawserError('USAGE', `${tracesMax} traces run already`, { mend: 'stop one, or wait for its end' })
    }
    const id = Buffer.from(this.#random.bytes(idBytes)).toString('hex')
    const selection = {
      ...(clientId !== undefined && { clientId }),
      ...(address !== undefined && { address }),
      ...(topicFilter !== undefined && { topicFilter }),
    }
    const trace = this.#broker.trace(selection, (event) => keep(kept, event))
    const timer = this.#clock.after(milliseconds(seconds * 1_000), () => this.stop(id))
    const kept: Kept = {
      events: [],
      first: 0,
      dropped: 0,
      endsAtMs: this.#nowMs() + seconds * 1_000,
      running: true,
      stop: {
        [Symbol.dispose]() {
          timer[Symbol.dispose]()
          trace[Symbol.dispose]()
        },
      },
    }
    this.#traces.set(id, kept)
    return { id, endsAtMs: kept.endsAtMs }
  }

  /** Undefined where no trace has the id. */
  read(id: string, after: number): TracePage | undefined {
    const kept = this.#traces.get(id)
    if (kept === undefined) return undefined
    const from = Math.max(after, kept.first)
    const events = kept.events.slice(from - kept.first, from - kept.first + pageEventsMax)
    return { events, next: from + events.length, dropped: from - after, running: kept.running }
  }

  stop(id: string): boolean {
    const kept = this.#traces.get(id)
    kept?.stop[Symbol.dispose]()
    if (kept !== undefined) kept.running = false
    return kept !== undefined
  }

  [Symbol.dispose](): void {
    for (const { stop } of this.#traces.values()) stop[Symbol.dispose]()
    this.#traces.clear()
  }

  #clear(): void {
    for (const [id, { running, endsAtMs }] of this.#traces) {
      if (!running && endsAtMs + readableMs < this.#nowMs()) this.#traces.delete(id)
    }
    for (const [id, { running }] of this.#traces) {
      if (this.#traces.size < tracesMax) return
      if (!running) this.#traces.delete(id)
    }
  }

  #nowMs(): number {
    return Math.round(this.#clock.wallMicros() / 1000)
  }
}

function keep(kept: Kept, { at, ...event }: TraceEvent): void {
  const details = Object.fromEntries(
    Object.entries(event.details).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
  )
  kept.events.push({ atMs: Math.round(at / 1000), ...event, details })
  if (kept.events.length <= traceEventsMax) return
  kept.events.shift()
  kept.first++
}
