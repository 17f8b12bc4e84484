/**
 * The rates of one client's messages and bytes. Past them it is not read: its own sending stalls, and nothing is lost.
 * It stands between decoder and connection only where a rate is configured, so that others pay nothing for it.
 */
import type { AcknowledgementPacket, ControlPacket, PacketSink, PublishFrame } from '@hawser/codec'
import { type Clock, milliseconds } from '@hawser/std'
import { MountedSink } from '../mount/mounted-sink.ts'
import type { Connection } from '../session/connection.ts'
import { pauseCause } from '../session/pause-cause.ts'
import { refuse } from './refusals.ts'
import { TokenBucket } from './token-bucket.ts'

/** Who takes what a connection's decoder finds. */
export function sinkOf(connection: Connection): PacketSink {
  const { messagesPerSecondMax, bytesPerSecondMax } = connection.limits
  const taker = connection.mount === undefined ? connection : new MountedSink(connection.mount, connection)
  const bounded = messagesPerSecondMax > 0 || bytesPerSecondMax > 0 ? new Throttle(connection, taker) : taker
  return connection.tracer?.before(bounded) ?? bounded
}

export class Throttle implements PacketSink {
  readonly #connection: Connection
  readonly #taker: PacketSink
  readonly #messages: TokenBucket
  readonly #bytes: TokenBucket
  /** Since when it has been over its rates without a quiet second. */
  #overSinceMs: number | undefined

  constructor(connection: Connection, taker: PacketSink) {
    const { limits, services } = connection
    const nowMs = services.clock.monotonicMs()
    this.#connection = connection
    this.#taker = taker
    this.#messages = new TokenBucket(limits.messagesPerSecondMax, nowMs)
    this.#bytes = new TokenBucket(limits.bytesPerSecondMax, nowMs)
  }

  publish(frame: PublishFrame): void {
    const bytes = frame.payloadEnd - frame.start
    this.#taker.publish(frame)
    this.#spend(bytes)
  }

  acknowledgement(type: AcknowledgementPacket['type'], packetId: number, code: number): void {
    this.#taker.acknowledgement(type, packetId, code)
  }

  control(packet: ControlPacket): void {
    this.#taker.control(packet)
    this.#spend(0)
  }

  /** Whether it may be read again; one that was over its rates for too long is closed instead. */
  mayGoOn(nowMs: number): boolean {
    const { limits, services } = this.#connection
    const { rateExcessMsMax } = limits
    if (rateExcessMsMax > 0 && nowMs - (this.#overSinceMs ?? nowMs) > rateExcessMsMax) {
      this.#connection.disconnect(refuse(services.counters, 'message-rate'))
      return true
    }
    return this.#mayTakeMore(nowMs)
  }

  #spend(bytes: number): void {
    const { services, stage } = this.#connection
    if (stage !== 'connected') return
    const nowMs = services.clock.monotonicMs()
    this.#mayTakeMore(nowMs)
    this.#messages.take(1)
    this.#bytes.take(bytes)
    if (this.#mayTakeMore(nowMs)) return
    this.#overSinceMs ??= nowMs
    services.throttles.hold(this.#connection, this)
  }

  #mayTakeMore(nowMs: number): boolean {
    const { messagesPerSecondMax, bytesPerSecondMax } = this.#connection.limits
    const messages = messagesPerSecondMax === 0 ? 1 : this.#messages.available(messagesPerSecondMax, nowMs)
    const bytes = bytesPerSecondMax === 0 ? 1 : this.#bytes.available(bytesPerSecondMax, nowMs)
    if (messages >= messagesPerSecondMax && bytes >= bytesPerSecondMax) this.#overSinceMs = undefined
    return messages > 0 && bytes > 0
  }
}

const lookMs = milliseconds(50)

/** Those that are held back now. One timer for all, and none while nobody is. */
export class Throttles {
  readonly #clock: Clock
  readonly #held = new Map<Connection, Throttle>()
  #armed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get count(): number {
    return this.#held.size
  }

  hold(connection: Connection, throttle: Throttle): void {
    connection.hold(pauseCause.rate)
    this.#held.set(connection, throttle)
    this.#arm()
  }

  release(connection: Connection): void {
    if (this.#held.delete(connection)) connection.goOn(pauseCause.rate)
  }

  #arm(): void {
    if (this.#armed) return
    this.#armed = true
    this.#clock.after(lookMs, () => {
      this.#armed = false
      const nowMs = this.#clock.monotonicMs()
      for (const [connection, throttle] of [...this.#held]) if (throttle.mayGoOn(nowMs)) this.release(connection)
      if (this.#held.size > 0) this.#arm()
    })
  }
}
