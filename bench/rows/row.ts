/** What a row of the table is: how one run of it is made on one broker, and what it should reach. */
import type { BrokerName } from '../brokers/broker-kind.ts'
import type { TrafficResult } from '../load/job.ts'

export interface Settings {
  readonly runs: number
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly idleConnections: number
  readonly restartLogBytes: number
}

export type Unit = 'messages/s' | 'µs' | 'ms' | 'MB' | 'bytes'

/** A bound on a row's figure, alone or as a multiple of Mosquitto's in the same run. */
export type Bound =
  | { readonly kind: 'at least × Mosquitto'; readonly factor: number }
  | { readonly kind: 'at most × Mosquitto'; readonly factor: number }
  | { readonly kind: 'at most'; readonly value: number }

export interface Goals {
  /** What this version promises. */
  readonly promised?: Bound
  /** What it is built to reach. */
  readonly aim?: Bound
}

export interface Measurement {
  readonly value: number
  readonly traffic?: TrafficResult
  readonly note?: string
}

export interface RunOptions {
  /** For brokers that run on Node. */
  readonly nodeFlags: readonly string[]
}

export interface Row {
  readonly name: string
  readonly what: string
  readonly unit: Unit
  readonly brokers: readonly BrokerName[]
  readonly goals: Readonly<Partial<Record<BrokerName, Goals>>>
  /** One run on a fresh broker. */
  measure(broker: BrokerName, settings: Settings, options: RunOptions): Promise<Measurement>
}

export const atLeastTimes = (factor: number): Bound => ({ kind: 'at least × Mosquitto', factor })
export const atMostTimes = (factor: number): Bound => ({ kind: 'at most × Mosquitto', factor })
export const atMost = (value: number): Bound => ({ kind: 'at most', value })
