/** Decides when which publisher publishes. */
import { setImmediate as afterRead } from 'node:timers'
import type { TrafficJob } from './job.ts'
import type { Latencies } from './latencies.ts'
import type { Publisher } from './publisher.ts'

export interface Pump {
  start(): void
  stop(): void
  /** Something may be published that could not before. */
  wake(): void
}

export interface PumpedTraffic {
  readonly job: TrafficJob
  readonly publishers: readonly Publisher[]
  readonly deliveriesPerMessage: number
  /** How late a message with a due time was sent. */
  readonly lateness: Latencies
  /** Deliveries still due. */
  outstanding(): number
}

export const createPump = (traffic: PumpedTraffic): Pump =>
  traffic.job.rate > 0 ? new RatePump(traffic) : new FullSpeedPump(traffic)

/** As fast as windows, sockets and the bound of outstanding deliveries let it; it sleeps while nothing fits. */
class FullSpeedPump implements Pump {
  readonly #traffic: PumpedTraffic
  readonly #outstandingMax: number
  #isRunning = false
  #isScheduled = false
  #turn = 0

  constructor(traffic: PumpedTraffic) {
    this.#traffic = traffic
    this.#outstandingMax = traffic.job.outstandingMax || Number.POSITIVE_INFINITY
  }

  start(): void {
    this.#isRunning = true
    this.wake()
  }

  stop(): void {
    this.#isRunning = false
  }

  wake(): void {
    if (this.#isScheduled || !this.#isRunning) return
    this.#isScheduled = true
    afterRead(this.#round)
  }

  readonly #round = (): void => {
    this.#isScheduled = false
    if (!this.#isRunning) return
    const { publishers, deliveriesPerMessage } = this.#traffic
    const now = performance.now()
    let room = this.#outstandingMax - this.#traffic.outstanding()
    let sent = 0
    this.#turn++
    for (let index = 0; index < publishers.length && room > 0; index++) {
      const publisher = publishers[(this.#turn + index) % publishers.length]
      const published = publisher?.publish(Number.POSITIVE_INFINITY, now) ?? 0
      room -= published * deliveriesPerMessage
      sent += published
    }
    if (sent > 0) this.wake()
  }
}

/**
 * A fixed rate, all publishers in turn. It polls, because timers are too coarse, and stamps each message with the
 * moment at which it was due, so that a broker that stands still cannot hide it.
 */
class RatePump implements Pump {
  readonly #traffic: PumpedTraffic
  #isRunning = false
  #startedMs = 0
  #sent = 0

  constructor(traffic: PumpedTraffic) {
    this.#traffic = traffic
  }

  start(): void {
    this.#isRunning = true
    this.#startedMs = performance.now()
    this.#round()
  }

  stop(): void {
    this.#isRunning = false
  }

  wake(): void {}

  readonly #round = (): void => {
    if (!this.#isRunning) return
    const { publishers, job, lateness } = this.#traffic
    const dueAt = (message: number): number => this.#startedMs + (message * 1000) / job.rate
    const now = performance.now()
    while (dueAt(this.#sent) <= now) {
      if (publishers[this.#sent % publishers.length]?.publish(1, dueAt(this.#sent)) !== 1) break
      lateness.add(now - dueAt(this.#sent))
      this.#sent++
    }
    afterRead(this.#round)
  }
}
