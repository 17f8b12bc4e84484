/**
 * Packets that have begun and not ended: how fast they must go on, and how much memory all of them may take. Nothing is
 * kept of a connection that has none when it is looked at, which is once a second.
 */
import type { HeldBytes } from '@hawser/codec'
import type { Counters } from '../counters.ts'
import type { Connection } from '../session/connection.ts'
import type { Limits } from './limits.ts'
import { refuse } from './refusals.ts'

/** What any connection may hold: the edge of a read cuts packets of the best of clients. */
const freeBytes = 4_096

interface Watched {
  readonly packet: { readonly bytes: number }
  sinceMs: number
  bytesThen: number
}

export class UnfinishedPackets {
  /** Counted by the decoders. */
  readonly held: HeldBytes = { bytes: 0 }
  readonly #limits: Limits
  readonly #counters: Counters
  /** Oldest packet first. */
  readonly #watched = new Map<Connection, Watched>()

  constructor(limits: Limits, counters: Counters) {
    this.#limits = limits
    this.#counters = counters
  }

  get overfull(): boolean {
    return this.held.bytes > this.#limits.unfinishedBytesMax
  }

  /** Once a second. */
  check(connection: Connection, nowMs: number): void {
    const packet = connection.unfinished
    const watched = this.#watched.get(connection)
    if (packet === undefined || watched?.packet !== packet) {
      this.#watched.delete(connection)
      if (packet !== undefined) this.#watched.set(connection, { packet, sinceMs: nowMs, bytesThen: packet.bytes })
      return
    }
    // Who is not listened to now is not too slow.
    const passedMs = connection.reading.paused ? 0 : nowMs - watched.sinceMs
    if (passedMs > 0 && passedMs < this.#limits.packetStallMsMax) return
    const tooSlow = (packet.bytes - watched.bytesThen) * 1_000 < this.#limits.packetBytesPerSecondMin * passedMs
    watched.sinceMs = nowMs
    watched.bytesThen = packet.bytes
    if (tooSlow) this.#end(connection, 'packet-too-slow')
  }

  forget(connection: Connection): void {
    this.#watched.delete(connection)
  }

  /** There are too many: the oldest are given up, and where all are young, that of who asks for more. */
  relieve(asking: Connection): void {
    for (const connection of this.#watched.keys()) {
      if (!this.overfull) return
      if ((connection.unfinished?.bytes ?? 0) > freeBytes) this.#end(connection, 'unfinished-bytes')
    }
    if (this.overfull && (asking.unfinished?.bytes ?? 0) > freeBytes) this.#end(asking, 'unfinished-bytes')
  }

  #end(connection: Connection, why: 'packet-too-slow' | 'unfinished-bytes'): void {
    this.#watched.delete(connection)
    const message = why === 'packet-too-slow' ? 'a packet comes too slowly' : 'too many packets are unfinished'
    connection.disconnect(refuse(this.#counters, why), message)
  }
}
