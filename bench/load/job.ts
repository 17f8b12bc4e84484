/** What the generator's process is asked to do, and what it answers: JSON on its command line and on its output. */
import type { ProcessUse } from '../machine/processes.ts'

export type Qos = 0 | 1 | 2

/** Publisher `i` publishes on topic `i`; who subscribes to it is the shape. */
export type Shape = 'pairs' | 'fan-in' | 'fan-out'

export interface TrafficJob {
  readonly kind: 'traffic'
  readonly port: number
  readonly brokerPid: number
  readonly shape: Shape
  readonly publishers: number
  readonly subscribers: number
  readonly qos: Qos
  readonly payloadBytes: number
  /** Unacknowledged publishes of one publisher at QoS 1 and 2. */
  readonly window: number
  /** Deliveries still due, of all together, at which QoS 0 publishers pause; 0: only full sockets stop them. */
  readonly outstandingMax: number
  /** Messages per second of all publishers together; 0: as fast as it goes. */
  readonly rate: number
  /** The subscribers' sessions outlive their connections. */
  readonly persistent: boolean
  readonly warmUpSeconds: number
  readonly seconds: number
}

export interface IdleJob {
  readonly kind: 'idle'
  readonly port: number
  readonly brokerPid: number
  readonly connections: number
}

export type Job = TrafficJob | IdleJob

export interface Quantiles {
  readonly p50: number
  readonly p99: number
}

export interface TrafficResult {
  readonly kind: 'traffic'
  readonly publishedPerSecond: number
  readonly deliveredPerSecond: number
  readonly lost: number
  /** Still on their way when the run was ended: a slow broker's backlog, and that of its sockets. */
  readonly undelivered: number
  readonly duplicated: number
  readonly outOfOrder: number
  /** Connections that the broker closed. */
  readonly closed: number
  /** From the (intended) sending to the arrival, of a sample of the messages. */
  readonly latencyMicros: Quantiles
  /** How late messages with a due time were sent: the part of the latency in which the broker had no part yet. */
  readonly sentLateMicros: Quantiles
  readonly use: ProcessUse
}

export interface IdleResult {
  readonly kind: 'idle'
  readonly connections: number
  readonly bytesPerConnection: number
  readonly connectionsPerSecond: number
}

export type JobResult = TrafficResult | IdleResult
