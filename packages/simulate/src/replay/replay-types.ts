/** What a replay is asked for, and what it answers. */
import type { Clock, Random } from '@hawser/std'
import type { Log, Qos } from '../runtime/broker-connection.ts'

export interface ReplayOptions {
  readonly file: string
  readonly topic: string
  readonly qos: Qos
  readonly retain?: boolean
  /** Times faster than the recording; needs the time column. */
  readonly speed: number | 'max'
  readonly timeColumn?: string
  /** Publish only these columns. */
  readonly columns?: readonly string[]
  /** Publish only so many rows of the file. */
  readonly limit?: number
  readonly windowRows?: number
  /** File in which the position is kept for another process to go on. */
  readonly resume?: string
  readonly clientIdPrefix?: string
  /** Without any acknowledgement for so long, the replay fails. */
  readonly giveUpSeconds?: number
}

export interface ReplayContext {
  readonly url: string
  readonly protocolVersion?: 4 | 5
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
  readonly log: Log
  readonly onProgress?: (progress: ReplayProgress) => void
}

export interface ReplayProgress {
  /** Rows sent at least once, those of the process before included. */
  readonly sent: number
  /** Acknowledged, or refused, without a gap from the first row on. */
  readonly acknowledged: number
  /** How much of the file has been read. */
  readonly fileFraction: number
}

export interface ReplayReport {
  readonly sent: number
  readonly acknowledged: number
  /** Numbers of the rows that the broker refused, from 0. */
  readonly refused: readonly number[]
  readonly resent: number
  readonly uncertain: number
  /** Rows that an earlier process had done. */
  readonly resumedAt: number
  readonly seconds: number
  /** The whole file, or what was asked of it, was sent. */
  readonly complete: boolean
}
