/** A row whose runs are traffic through a fresh broker. */
import type { BrokerName } from '../brokers/broker-kind.ts'
import { startBroker, temporaryFolder } from '../brokers/running-broker.ts'
import { generateTraffic } from '../load/generator.ts'
import type { TrafficJob, TrafficResult } from '../load/job.ts'
import type { Row, RunOptions, Settings, Unit } from './row.ts'

export type TrafficPlan = Pick<TrafficJob, 'shape' | 'qos'> & Partial<Omit<TrafficJob, 'kind' | 'port' | 'brokerPid'>>

/** What a plan does not say; 64-byte payloads as in most published comparisons. */
const usual = {
  publishers: 50,
  subscribers: 50,
  payloadBytes: 64,
  window: 20,
  outstandingMax: 0,
  rate: 0,
  persistent: false,
} as const satisfies Partial<TrafficJob>

interface TrafficRowOptions extends Pick<Row, 'name' | 'what' | 'brokers' | 'goals'> {
  readonly plan: TrafficPlan
  readonly unit: Unit
  readonly value: (result: TrafficResult) => number
}

function trafficRow({ plan, value, ...row }: TrafficRowOptions): Row {
  return {
    ...row,
    async measure(broker, settings, options) {
      const traffic = await runTraffic(broker, plan, settings, options)
      return { value: value(traffic), traffic }
    },
  }
}

type Described = Omit<TrafficRowOptions, 'unit' | 'value'>

export const throughputRow = (row: Described): Row =>
  trafficRow({ ...row, unit: 'messages/s', value: (result) => result.deliveredPerSecond })

export const latencyRow = (row: Described): Row =>
  trafficRow({ ...row, unit: 'µs', value: (result) => result.latencyMicros.p99 })

async function runTraffic(
  name: BrokerName,
  plan: TrafficPlan,
  { seconds, warmUpSeconds }: Settings,
  { nodeFlags }: RunOptions,
): Promise<TrafficResult> {
  using folder = temporaryFolder()
  await using broker = await startBroker(name, { folder: folder.path, nodeFlags })
  const { port, pid: brokerPid } = broker
  return await generateTraffic({ ...usual, seconds, warmUpSeconds, ...plan, kind: 'traffic', port, brokerPid })
}
