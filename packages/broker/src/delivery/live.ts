/**
 * QoS 0, live: from the read buffer into the receivers' outputs in the same turn, without disk and without queue.
 *
 * Levers: neighbouring packets of one topic are one range, copied once for all receivers (`run`); a message that must
 * be encoded anew is encoded once per wire kind (`message`). Measure both with `bench/` rows "QoS 0 pairs" and
 * "fan-out".
 */
import type { PublishSource } from '@hawser/engine'
import type { Counters } from '../counters.ts'
import type { Limits } from '../limits/limits.ts'
import type { Receiver, Route } from '../router/route.ts'
import { receiverOf } from '../router/router.ts'
import type { Connection } from '../session/connection.ts'
import type { Distribution } from '../shared/distribution.ts'
import type { Group } from '../shared/group.ts'
import type { RunPackets } from '../shared/run-packets.ts'
import { type Chunk, type ChunkPool, largeChunkBytes } from '../transport/chunk.ts'
import type { LivePublisher } from './live-publisher.ts'
import { noIdentifiers, type PublishSender } from './publish-sender.ts'

/** Takes to other processes what they want. */
export interface Forwarding {
  run(
    route: Route,
    buffer: Buffer,
    start: number,
    end: number,
    count: number,
    payloadBytes: number,
    publisher: Connection,
  ): void
  message(
    route: Route,
    source: PublishSource,
    retain: boolean,
    messageExpirySeconds: number,
    publisher: Connection | undefined,
  ): void
}

interface SharedRange {
  chunk: Chunk
  start: number
  end: number
}

export class LiveDelivery {
  readonly #limits: Limits
  readonly #counters: Counters
  readonly #pool: ChunkPool
  readonly #sender: PublishSender
  readonly #distribution: Distribution
  readonly #forwarding: Forwarding | undefined
  /** Shared bytes of this and earlier turns; replaced when full. */
  #arena: Chunk | undefined
  /** Encodings of the message at hand: plain, v5, each without and with RETAIN. */
  readonly #encoded: (SharedRange | undefined)[] = [undefined, undefined, undefined, undefined]

  /** `forwarding` is undefined where the broker is alone. */
  constructor(
    limits: Limits,
    counters: Counters,
    pool: ChunkPool,
    sender: PublishSender,
    distribution: Distribution,
    forwarding: Forwarding | undefined,
  ) {
    this.#limits = limits
    this.#counters = counters
    this.#pool = pool
    this.#sender = sender
    this.#distribution = distribution
    this.#forwarding = forwarding
  }

  /** To be filled for a run on a route with shared subscriptions. */
  get packets(): RunPackets {
    return this.#distribution.packets
  }

  /** `count` whole packets that all receivers take as they are: the route is uniform. */
  run(
    route: Route,
    buffer: Buffer,
    start: number,
    end: number,
    count: number,
    payloadBytes: number,
    publisher: Connection,
  ): void {
    if (route.groups.length > 0) this.#distribution.run(route, buffer, end, publisher)
    if (route.elsewhere !== undefined) {
      this.#forwarding?.run(route, buffer, start, end, count, payloadBytes, publisher)
    }
    this.runHere(route, buffer, start, end, count, payloadBytes, publisher)
  }

  /** As `run`, to the subscribers of this process that share it with nobody. */
  runHere(
    route: Route,
    buffer: Buffer,
    start: number,
    end: number,
    count: number,
    payloadBytes: number,
    publisher: LivePublisher,
  ): void {
    const { receivers } = route
    if (receivers.length === 0) return
    const account = this.#counters.accounts.live
    account.attempted += receivers.length * count
    if (receivers.length === 1) {
      const connection = receivers[0]?.session.connection
      if (connection === undefined) account.passedOver += count
      if (connection === undefined || !this.#admit(connection, publisher, count)) return
      const at = connection.output.reserve(end - start)
      buffer.copy(connection.output.target, at, start, end)
      this.#sent(connection, count, payloadBytes)
      return
    }
    const chunk = this.#arenaFor(end - start)
    const at = chunk.used
    chunk.used += buffer.copy(chunk.buffer, at, start, end)
    for (let index = 0; index < receivers.length; index++) {
      const connection = receivers[index]?.session.connection
      if (connection === undefined) account.passedOver += count
      if (connection === undefined || !this.#admit(connection, publisher, count)) continue
      connection.output.share(chunk, at, chunk.used)
      this.#sent(connection, count, payloadBytes)
    }
  }

  /** One message to whoever receives its topic. `publisher` is undefined for what this process publishes itself. */
  message(
    route: Route,
    source: PublishSource,
    retain: boolean,
    messageExpirySeconds: number,
    publisher: Connection | undefined,
  ): void {
    if (route.groups.length > 0) this.#distribution.live(route, source, retain, messageExpirySeconds, publisher)
    if (route.elsewhere !== undefined) {
      this.#forwarding?.message(route, source, retain, messageExpirySeconds, publisher)
    }
    this.messageHere(route, source, retain, messageExpirySeconds, publisher)
  }

  /** As `message`, to one member of each of these shared subscriptions, in this process. */
  shareHere(
    route: Route,
    groups: readonly Group[],
    source: PublishSource,
    retain: boolean,
    messageExpirySeconds: number,
    publisher: LivePublisher | undefined,
  ): void {
    this.#distribution.liveHere(route, groups, source, retain, messageExpirySeconds, publisher)
  }

  /** As `message`, to the subscribers of this process that share it with nobody. */
  messageHere(
    route: Route,
    source: PublishSource,
    retain: boolean,
    messageExpirySeconds: number,
    publisher: LivePublisher | undefined,
  ): void {
    this.#encoded.fill(undefined)
    const account = this.#counters.accounts.live
    account.attempted += route.receivers.length + route.pending.length
    account.dropped['not-authorized'] += route.pending.length
    this.#counters.dropped['not-authorized'] += route.pending.length
    for (const resolved of route.receivers) {
      const connection = resolved.session.connection
      const receiver = withoutOwn(resolved, route.topic, publisher?.session)
      if (connection === undefined || receiver === undefined) {
        account.passedOver++
        continue
      }
      if (!this.#admit(connection, publisher, 1)) continue
      const retained = retain && receiver.retainAsPublished
      if (connection.sharedWire === undefined || receiver.identifiers !== undefined || route.receivers.length === 1) {
        const identifiers = receiver.identifiers ?? noIdentifiers
        account.outcome(
          this.#sender.send(connection, source, 0, retained, false, 0, messageExpirySeconds, identifiers, route),
        )
        continue
      }
      const range = this.#encodeOnce(connection, source, retained, messageExpirySeconds)
      connection.output.share(range.chunk, range.start, range.end)
      this.#sent(connection, 1, source.payloadEnd - source.payloadStart)
    }
  }

  #sent(connection: Connection, count: number, payloadBytes: number): void {
    this.#counters.publishesSent[0] += count
    this.#counters.accounts.live.sent += count
    this.#counters.publishBytesSent += payloadBytes
    connection.publishesSent += count
  }

  /** Whether a receiver takes more now. A full one first holds its publisher back; a slow one loses QoS 0. */
  #admit(receiver: Connection, publisher: LivePublisher | undefined, count: number): boolean {
    const { output } = receiver
    if (!output.congested) return true
    if (receiver.reading.slow || output.pendingBytes > this.#limits.outputBytesMax) {
      this.#counters.dropped['slow-receiver'] += count
      this.#counters.accounts.live.dropped['slow-receiver'] += count
      return false
    }
    publisher?.reading.holdFor(receiver.reading)
    return true
  }

  #encodeOnce(
    connection: Connection,
    source: PublishSource,
    retain: boolean,
    messageExpirySeconds: number,
  ): SharedRange {
    const kind = (connection.version === 5 ? 2 : 0) + (retain ? 1 : 0)
    const known = this.#encoded[kind]
    if (known !== undefined) return known
    const range: SharedRange = { chunk: this.#arenaFor(1), start: 0, end: 0 }
    this.#sender.encodeShared(connection.version, source, retain, messageExpirySeconds, (bytes) => {
      const chunk = this.#arenaFor(bytes)
      range.chunk = chunk
      range.start = chunk.used
      chunk.used += bytes
      range.end = chunk.used
      return { buffer: chunk.buffer, start: range.start }
    })
    this.#encoded[kind] = range
    return range
  }

  #arenaFor(bytes: number): Chunk {
    const arena = this.#arena
    if (arena !== undefined && arena.free >= bytes) return arena
    if (arena !== undefined) this.#pool.release(arena)
    const next = this.#pool.take(Math.max(bytes, largeChunkBytes))
    this.#arena = next
    return next
  }
}

/** What is left of a receiver for a message of its own, by No Local. [MQTT-3.8.3-3] */
export function withoutOwn(
  receiver: Receiver,
  topic: string,
  publisher: LivePublisher['session'],
): Receiver | undefined {
  if (!receiver.noLocal || receiver.session.number !== publisher?.number) return receiver
  const matched = receiver.session.matching(topic).filter((subscription) => !subscription.noLocal)
  return matched.length === 0 ? undefined : receiverOf(receiver.session, matched)
}
