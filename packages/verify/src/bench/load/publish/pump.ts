/** Decides when which publisher publishes. */
import { setImmediate as afterRead } from 'node:timers'
import type { Histogram } from '../count/histogram.ts'
import type { TrafficJob } from '../job.ts'
import { nowMs } from '../time.ts'
import type { Publisher } from './publisher.ts'

export interface Pump {
  start(): void
  stop(): void
  /** Something may be published that could not before. */
  wake(): void
}

export interface PumpedTraffic {
  readonly job: Pick<TrafficJob, 'rate' | 'outstandingMax' | 'burstMax'>
  readonly publishers: readonly Publisher[]
  readonly deliveriesPerMessage: number
  /** How late a message with a due time was sent. */
  readonly lateness: Histogram
  /** Deliveries still due. */
  outstanding(): number
}

export const createPump = (traffic: PumpedTraffic): Pump =>
  traffic.job.rate > 0 ? new RatePump(traffic) : new FullSpeedPump(traffic)

/** So long before a message is due the pump begins to poll. */
const pollMs = 2

/** As fast as windows, sockets and the bound of outstanding deliveries let it; it sleeps while nothing fits. */
class FullSpeedPump implements Pump {
  readonly #traffic: PumpedTraffic
  readonly #outstandingMax: number
  readonly #burstMax: number
  #isRunning = false
  #isScheduled = false
  #turn = 0

  constructor(traffic: PumpedTraffic) {
    this.#traffic = traffic
    this.#outstandingMax = traffic.job.outstandingMax || Number.POSITIVE_INFINITY
    this.#burstMax = traffic.job.burstMax || Number.POSITIVE_INFINITY
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
    const now = nowMs()
    let room = this.#outstandingMax - this.#traffic.outstanding()
    let sent = 0
    this.#turn++
    for (let index = 0; index < publishers.length && room > 0; index++) {
      const publisher = publishers[(this.#turn + index) % publishers.length]
      const published = publisher?.publish(this.#burstMax, now) ?? 0
      room -= published * deliveriesPerMessage
      sent += published
    }
    if (sent > 0) this.wake()
  }
}

/**
 * A fixed rate, all publishers in turn. Each message is stamped with the moment at which it was due, so that a broker
 * that stands still cannot hide it.
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
    this.#startedMs = nowMs()
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
    const now = nowMs()
    while (dueAt(this.#sent) <= now) {
      if (publishers[this.#sent % publishers.length]?.publish(1, dueAt(this.#sent)) !== 1) break
      lateness.addMs(now - dueAt(this.#sent))
      this.#sent++
    }
    // Timers are too coarse for what is due at once, and good enough where nothing is.
    if (dueAt(this.#sent) - now > pollMs) setTimeout(this.#round, dueAt(this.#sent) - now - pollMs)
    else afterRead(this.#round)
  }
}
