/**
 * What waits for the log: acknowledgements and other effects, in the order of their tickets, released by batch when a
 * commit resolves. Nothing is acknowledged any other way. (Lever: an acknowledgement is a slot here and four bytes in
 * the output, not an object.)
 */
import type { Connection } from '../session/connection.ts'

export const afterCommit = { puback: 4, pubrec: 5, pubrel: 6, pubcomp: 7, run: 0 } as const
/** From `puback` on. */
export const acknowledgementTypes = ['puback', 'pubrec', 'pubrel', 'pubcomp'] as const
export type AfterCommit = (typeof afterCommit)[keyof typeof afterCommit]

const initialSlots = 1_024

export class CommitQueue {
  #kinds = new Uint8Array(initialSlots)
  #tickets = new Float64Array(initialSlots)
  #packetIds = new Uint16Array(initialSlots)
  #connections: (Connection | undefined)[] = new Array(initialSlots).fill(undefined)
  #effects: ((() => void) | undefined)[] = new Array(initialSlots).fill(undefined)
  #head = 0
  #tail = 0
  /** What is durable already. */
  #released = -1

  get length(): number {
    return this.#tail - this.#head
  }

  isReleased(ticket: number): boolean {
    return ticket <= this.#released
  }

  /** Acknowledgements of publishes among them. */
  get receipts(): number {
    let count = 0
    for (let index = this.#head; index < this.#tail; index++) {
      const kind = this.#kinds[index & (this.#kinds.length - 1)]
      if (kind === afterCommit.puback || kind === afterCommit.pubrec) count++
    }
    return count
  }

  /**
   * An acknowledgement to be sent on `connection` once `ticket` is durable. Tickets never fall.
   * [MQTT-4.6.0-2] [MQTT-4.6.0-3] v3.1.1 [MQTT-4.6.0-2] [MQTT-4.6.0-3]
   */
  acknowledge(ticket: number, kind: AfterCommit, connection: Connection, packetId: number): void {
    if (ticket <= this.#released) return connection.acknowledge(kind, packetId)
    const slot = this.#push(ticket, kind)
    this.#packetIds[slot] = packetId
    this.#connections[slot] = connection
  }

  /** Something rarer to be done once `ticket` is durable. */
  run(ticket: number, effect: () => void): void {
    if (ticket <= this.#released) return effect()
    const slot = this.#push(ticket, afterCommit.run)
    this.#effects[slot] = effect
  }

  /** Releases all that waited for tickets up to `ticket`. */
  release(ticket: number): void {
    while (this.#head < this.#tail) {
      const slot = this.#head & (this.#kinds.length - 1)
      if ((this.#tickets[slot] ?? 0) > ticket) break
      this.#head++
      const kind = this.#kinds[slot] as AfterCommit
      if (kind === afterCommit.run) {
        const effect = this.#effects[slot]
        this.#effects[slot] = undefined
        effect?.()
      } else {
        const connection = this.#connections[slot]
        this.#connections[slot] = undefined
        connection?.acknowledge(kind, this.#packetIds[slot] ?? 0)
      }
    }
    // Set last: what an effect adds meanwhile keeps its place behind what waits.
    this.#released = ticket
  }

  #push(ticket: number, kind: AfterCommit): number {
    if (this.length === this.#kinds.length) this.#grow()
    const slot = this.#tail++ & (this.#kinds.length - 1)
    this.#kinds[slot] = kind
    this.#tickets[slot] = ticket
    return slot
  }

  #grow(): void {
    const slots = this.#kinds.length
    const order = Array.from({ length: slots }, (_, index) => (this.#head + index) & (slots - 1))
    this.#kinds = spread(this.#kinds, new Uint8Array(slots * 2), order)
    this.#tickets = spread(this.#tickets, new Float64Array(slots * 2), order)
    this.#packetIds = spread(this.#packetIds, new Uint16Array(slots * 2), order)
    this.#connections = [...order.map((slot) => this.#connections[slot]), ...new Array(slots).fill(undefined)]
    this.#effects = [...order.map((slot) => this.#effects[slot]), ...new Array(slots).fill(undefined)]
    this.#head = 0
    this.#tail = slots
  }
}

function spread<Values extends { [index: number]: number }>(
  from: Values,
  to: Values,
  order: readonly number[],
): Values {
  for (const [index, slot] of order.entries()) to[index] = from[slot] ?? 0
  return to
}
