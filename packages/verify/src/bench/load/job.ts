/** What one process of a load is asked to do, and what it answers; both go from process to process. */
import type { Counts } from './count/histogram.ts'
import type { Part } from './part.ts'
import type { Target } from './target.ts'
import type { Shape } from './topology.ts'

export type Qos = 0 | 1 | 2

export interface TrafficJob {
  readonly target: Target
  /** Of topics and client ids: one level, without wildcards. */
  readonly prefix: string
  readonly shape: Shape
  readonly publishers: number
  readonly subscribers: number
  /** Which part of publishers and subscribers is this process's. */
  readonly part: Part
  readonly qos: Qos
  readonly payloadBytes: number
  /** Unacknowledged publishes of one publisher at QoS 1 and 2; an MQTT 5 server may allow fewer. */
  readonly window: number
  /** Messages that a publisher writes at a time; 0: as many as fit. */
  readonly burstMax: number
  /** Deliveries still due, of all together, at which publishers pause; 0: only full sockets stop them. */
  readonly outstandingMax: number
  /** Messages per second of all publishers together; 0: as fast as it goes. */
  readonly rate: number
  /** The subscribers' sessions outlive their connections. */
  readonly isPersistent: boolean
  readonly warmUpSeconds: number
  readonly seconds: number
}

/** Of one process; `summarise` adds them up. */
export interface TrafficTally {
  readonly published: number
  readonly delivered: number
  readonly publishedPerSecond: number
  readonly deliveredPerSecond: number
  /** Publishes at QoS 1 and 2 that were never answered. */
  readonly unacknowledged: number
  /** Published, and not delivered within 2 s after the last delivery. */
  readonly lost: number
  /** Still on their way when the run was ended: a slow broker's backlog, and that of its sockets. */
  readonly undelivered: number
  readonly duplicated: number
  readonly outOfOrder: number
  /** Connections that the broker closed. */
  readonly closed: number
  /** From the (intended) sending to the arrival, of a sample of the messages. */
  readonly latency: Counts
  /** The same to the broker's last acknowledgement, at QoS 1 and 2. */
  readonly acknowledgement: Counts
  /** How late messages with a due time were sent: the part of the latency in which the broker had no part yet. */
  readonly lateness: Counts
}

export interface Progress {
  readonly published: number
  readonly delivered: number
}
