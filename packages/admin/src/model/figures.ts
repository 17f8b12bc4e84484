/** What `/metrics` shows beyond the snapshot: too much to be sent every second, and closed sets all of it. */

export interface ReasonFigure {
  /** `connack`, `puback`, … */
  readonly packet: string
  /** The name of the reason code: `notAuthorized` for 0x87. */
  readonly reason: string
  readonly count: number
}

export interface HistogramFigure {
  /** Cumulative: how many took at most so long. */
  readonly buckets: readonly { readonly secondsMax: number; readonly count: number }[]
  readonly count: number
  readonly sumSeconds: number
}

export interface Figures {
  readonly reasonsSent: readonly ReasonFigure[]
  readonly reasonsReceived: readonly ReasonFigure[]
  /** By result. */
  readonly authentications: Readonly<Record<string, number>>
  /** What clients were refused, by reason: docs/limits.md. */
  readonly refusals: Readonly<Record<string, number>>
  /** What became of messages: by class, and by what happened. */
  readonly messages: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** By class and reason. */
  readonly messagesDropped: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** By class. */
  readonly messagesInflight: Readonly<Record<string, number>>
  /** PUBLISH of clients by QoS, by outcome. */
  readonly intake: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Sums over messages that do not agree. */
  readonly imbalances: number
  /** Bounds in force, by the configuration's key below `limits`. */
  readonly limits: Readonly<Record<string, number>>
  /** By what was waited for. */
  readonly latencies: Readonly<Record<string, HistogramFigure>>
}
