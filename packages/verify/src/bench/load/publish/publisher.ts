/** What the traffic asks of a publisher, whatever its QoS. */
import type { Connection, ConnectionOptions } from '../connection.ts'
import type { Histogram } from '../count/histogram.ts'

export interface Publisher extends Connection {
  /** Messages published so far; the next one's sequence number. */
  readonly published: number
  /** Of these, at QoS 1 and 2, not answered yet. */
  readonly unacknowledged: number
  /** Publishes up to `count` messages as of `sentMs`, as many as fit; answers how many. */
  publish(count: number, sentMs: number): number
}

export interface PublisherOptions extends ConnectionOptions {
  /** Among the publishers. */
  readonly publisher: number
  /** Of one length; messages take them in turn. */
  readonly topics: readonly string[]
  readonly payloadBytes: number
  /** Filled at QoS 1 and 2. */
  readonly acknowledgements: Histogram
  /** The socket or the window has room again. */
  readonly onReady: () => void
}
