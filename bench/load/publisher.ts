/** What the traffic asks of a publisher, whatever its QoS. */
import type { Connection } from './connection.ts'

export interface Publisher extends Connection {
  /** Messages published so far; the next one's sequence number. */
  readonly published: number
  /** Publishes up to `count` messages as of `sentMs`, as many as fit; answers how many. */
  publish(count: number, sentMs: number): number
}
