/** What the generator's process is asked to do, and what it answers: JSON on its command line and on its output. */
import type { CyclesJob, HoldJob, Quantiles, RetainedJob, TrafficJob } from '@hawser/verify/load'
import type { ProcessUse } from '../machine/processes.ts'

export type Load =
  | ({ readonly kind: 'traffic' } & TrafficJob)
  | ({ readonly kind: 'hold' } & HoldJob)
  | ({ readonly kind: 'cycles' } & CyclesJob)
  | ({ readonly kind: 'retained' } & RetainedJob)

export interface Job {
  readonly brokerPid: number
  readonly load: Load
}

/** What arrived of what was published. */
export interface Account {
  readonly published: number
  readonly lost: number
  /** Still on their way when the run was ended: a slow broker's backlog, and that of its sockets. */
  readonly undelivered: number
  readonly duplicated: number
  readonly outOfOrder: number
  /** Connections that the broker closed. */
  readonly closed: number
}

/** What a row makes its figure of; a kind of load leaves out what it does not know. */
export interface Outcome {
  readonly perSecond: number
  readonly use?: ProcessUse
  readonly account?: Account
  readonly latencyMicros?: Quantiles
  /** How late messages with a due time were sent: the part of the latency in which the broker had no part yet. */
  readonly sentLateMicros?: Quantiles
  readonly bytesPerConnection?: number
  readonly note?: string
}
