/** What the processes of a load say to the one that started them, and are told by it. */
import type { Counts, Progress, TrafficTally } from './load/mod.ts'
import type { ProcessJob } from './scenario.ts'

export interface HoldTally {
  readonly opened: number
  readonly openedPerSecond: number
  readonly connecting: Counts
  readonly subscribing: Counts
  readonly closed: number
}

export type Tally =
  | { readonly kind: 'traffic'; readonly tally: TrafficTally }
  | { readonly kind: 'hold'; readonly tally: HoldTally }

export type ToProcess =
  | { readonly kind: 'job'; readonly job: ProcessJob }
  /** All are connected. */
  | { readonly kind: 'go' }
  /** What all publishers have published. */
  | { readonly kind: 'published'; readonly published: readonly number[] }
  /** Ends early. */
  | { readonly kind: 'stop' }

export type FromProcess =
  | { readonly kind: 'connected' }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'published'; readonly published: readonly number[] }
  | { readonly kind: 'done'; readonly tally: Tally }
  | { readonly kind: 'failed'; readonly reason: string }
