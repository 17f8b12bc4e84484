/**
 * Connections between accept and the first byte of MQTT: behind a PROXY header, a TLS handshake or an HTTP upgrade.
 * One list for all in the order of their age, no timer each: whoever is too old stands in front.
 */
import type { Socket } from 'node:net'
import type { ClientCertificate } from '../access.ts'

export interface Arrival {
  readonly socket: Socket
  readonly acceptedAtMs: number
  /** The listener is full: the client is told so when it says CONNECT. */
  readonly crowded: boolean
  remoteAddress: string
  /** A proxy's own health check: that it ends early says nothing of a client. */
  healthCheck: boolean
  /** What became of it is counted. */
  settled: boolean
  certificate: ClientCertificate | undefined
}

export class Arrivals {
  readonly #waiting = new Set<Arrival>()

  get size(): number {
    return this.#waiting.size
  }

  add(arrival: Arrival): void {
    this.#waiting.add(arrival)
  }

  /** It has come in, or is gone. */
  delete(arrival: Arrival): void {
    this.#waiting.delete(arrival)
  }

  /** Takes out those that were accepted before `beforeMs`. */
  *takeOlder(beforeMs: number): Iterable<Arrival> {
    for (const arrival of this.#waiting) {
      if (arrival.acceptedAtMs > beforeMs) return
      this.#waiting.delete(arrival)
      yield arrival
    }
  }

  *takeAll(): Iterable<Arrival> {
    yield* this.takeOlder(Number.POSITIVE_INFINITY)
  }
}

/** `address:port`, or `unix`, as the socket itself says. */
export function addressOf({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? 'unix' : `${remoteAddress}:${remotePort ?? 0}`
}
