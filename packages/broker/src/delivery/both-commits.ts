/**
 * What waits for the commits of both durability classes, each with tickets of its own. Acknowledgements of one
 * connection leave in the order of its publishes, whichever class each of them is of: what is durable early waits for
 * what came before it. [MQTT-4.6.0-2] [MQTT-4.6.0-3]
 */
import type { Connection } from '../session/connection.ts'
import type { AfterCommit, CommitQueue } from './commit-queue.ts'

export class BothCommits {
  readonly #lasting: CommitQueue
  readonly #volatile: CommitQueue
  /** Acknowledgements that wait for one class, and then for the other. */
  #chained = 0

  constructor(lasting: CommitQueue, volatile: CommitQueue) {
    this.#lasting = lasting
    this.#volatile = volatile
  }

  /** Acknowledgements of publishes that wait. */
  get receipts(): number {
    return this.#lasting.receipts + this.#volatile.receipts + this.#chained
  }

  /** The newest ticket of each class that the connection has waited for; -1: none. */
  acknowledge(ticket: number, volatile: number, kind: AfterCommit, connection: Connection, packetId: number): void {
    if (this.#volatile.isReleased(volatile)) return this.#lasting.acknowledge(ticket, kind, connection, packetId)
    if (this.#lasting.isReleased(ticket)) return this.#volatile.acknowledge(volatile, kind, connection, packetId)
    this.#chained++
    this.#lasting.run(ticket, () => {
      this.#chained--
      this.#volatile.acknowledge(volatile, kind, connection, packetId)
    })
  }

  run(ticket: number, volatile: number, effect: () => void): void {
    if (this.#volatile.isReleased(volatile)) return this.#lasting.run(ticket, effect)
    this.#lasting.run(ticket, () => this.#volatile.run(volatile, effect))
  }
}
