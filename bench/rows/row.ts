/** What a row of the table is: how one run of it is made on one broker, and what it should reach. */
import type { BrokerName } from '../brokers/broker-kind.ts'
import type { Outcome } from '../load/job.ts'
import type { Program } from '../machine/cores.ts'
import type { SyncMicros } from '../machine/syncs.ts'

export interface Settings {
  readonly runs: number
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly idleConnections: number
  readonly restartLogBytes: number
}

export type Unit = 'messages/s' | 'cycles/s' | 'µs' | 'ms' | 'MB' | 'bytes'

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

export interface Measurement extends Omit<Outcome, 'perSecond' | 'bytesPerConnection'> {
  readonly value: number
  /** Of the disk alone, just before. */
  readonly syncMicros?: SyncMicros
}

export interface RunOptions {
  /** For brokers that run on Node. */
  readonly nodeFlags?: readonly string[]
  /** Runs the broker within another program. */
  readonly within?: (broker: Program) => Program
}

export interface Row {
  readonly name: string
  readonly what: string
  readonly unit: Unit
  readonly brokers: readonly BrokerName[]
  readonly goals: Readonly<Partial<Record<BrokerName, Goals>>>
  /** What is acknowledged is on the disk before: one more run counts what that takes. */
  readonly isWritten: boolean
  /** One run on a fresh broker. */
  measure(broker: BrokerName, settings: Settings, options: RunOptions): Promise<Measurement>
}

export const atLeastTimes = (factor: number): Bound => ({ kind: 'at least × Mosquitto', factor })
export const atMostTimes = (factor: number): Bound => ({ kind: 'at most × Mosquitto', factor })
export const atMost = (value: number): Bound => ({ kind: 'at most', value })
