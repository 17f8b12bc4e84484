/** What `hawser bench` can be asked for, and what each of its processes does of it. */
import { type HoldJob, partOf, type Qos, type Shape, type Target, type TrafficJob } from './load/mod.ts'

const shapes = {
  publish: 'pairs',
  pairs: 'pairs',
  'fan-in': 'fan-in',
  'fan-out': 'fan-out',
  shared: 'shared',
} as const satisfies Record<string, Shape>

export const scenarios = ['connections', 'subscribe', 'publish', 'pairs', 'fan-in', 'fan-out', 'shared'] as const
export type Scenario = (typeof scenarios)[number]

/** How many clients a scenario has where nothing is said. */
export const usualClients: Readonly<
  Record<Scenario, { readonly publishers: number; readonly subscribers: number; readonly connections: number }>
> = {
  connections: { publishers: 0, subscribers: 0, connections: 1000 },
  subscribe: { publishers: 0, subscribers: 0, connections: 1000 },
  publish: { publishers: 50, subscribers: 0, connections: 0 },
  pairs: { publishers: 50, subscribers: 50, connections: 0 },
  'fan-in': { publishers: 50, subscribers: 1, connections: 0 },
  'fan-out': { publishers: 1, subscribers: 100, connections: 0 },
  shared: { publishers: 50, subscribers: 10, connections: 0 },
}

export interface BenchPlan {
  readonly scenario: Scenario
  readonly target: Target
  /** Of topics and client ids, so that two loads at one broker do not meet. */
  readonly prefix: string
  readonly publishers: number
  readonly subscribers: number
  /** Of the scenarios without traffic. */
  readonly connections: number
  readonly processes: number
  readonly qos: Qos
  readonly payloadBytes: number
  /** Unacknowledged publishes of one publisher at QoS 1 and 2. */
  readonly window: number
  /** Messages per second of all publishers together; 0: as fast as it goes. */
  readonly rate: number
  readonly isPersistent: boolean
  readonly warmUpSeconds: number
  readonly seconds: number
}

export type ProcessJob =
  | { readonly kind: 'traffic'; readonly job: TrafficJob }
  | { readonly kind: 'hold'; readonly job: HoldJob; readonly seconds: number }

export function jobOf(plan: BenchPlan, index: number): ProcessJob {
  const { scenario, processes, connections, target, prefix, seconds, qos } = plan
  const part = { index, of: processes }
  if (scenario !== 'connections' && scenario !== 'subscribe') {
    return { kind: 'traffic', job: { ...plan, shape: shapes[scenario], part, burstMax: 0, outstandingMax: 0 } }
  }
  const { from, end } = partOf(connections, part)
  const job = { target, prefix, connections: end - from, first: from }
  return { kind: 'hold', seconds, job: scenario === 'subscribe' ? { ...job, subscribes: { qos } } : job }
}
