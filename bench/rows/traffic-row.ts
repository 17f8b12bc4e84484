/** A row whose runs are traffic through a fresh broker. */
import type { Qos, Shape, TrafficJob } from '@hawser/verify/load'
import type { BrokerName } from '../brokers/broker-kind.ts'
import { startBroker, temporaryFolder } from '../brokers/running-broker.ts'
import { generate, prefix, targetOf } from '../load/generator.ts'
import type { Outcome } from '../load/job.ts'
import { measureSyncs } from '../machine/syncs.ts'
import type { Row, RunOptions, Settings, Unit } from './row.ts'

export interface TrafficPlan extends Partial<Omit<TrafficJob, 'target' | 'prefix' | 'part'>> {
  readonly shape: Shape
  readonly qos: Qos
  readonly version?: 4 | 5
}

/** What a plan does not say; 64-byte payloads as in most published comparisons. */
export const usual = {
  publishers: 50,
  subscribers: 50,
  payloadBytes: 64,
  window: 20,
  burstMax: 0,
  outstandingMax: 0,
  rate: 0,
  isPersistent: false,
  part: { index: 0, of: 1 },
} as const satisfies Partial<TrafficJob>

interface TrafficRowOptions extends Pick<Row, 'name' | 'what' | 'brokers' | 'goals'> {
  readonly plan: TrafficPlan
}

const trafficRow = (unit: Unit, pick: (outcome: Outcome) => number, { plan, ...row }: TrafficRowOptions): Row => ({
  ...row,
  unit,
  isWritten: plan.qos > 0,
  async measure(broker, settings, options) {
    const outcome = await runTraffic(broker, plan, settings, options)
    return { value: pick(outcome), ...outcome }
  },
})

export const throughputRow = (row: TrafficRowOptions): Row =>
  trafficRow('messages/s', ({ perSecond }) => perSecond, row)

/** A few messages in each thousand came while code was compiled for the first time: that is over after so long. */
const latencyWarmUpSeconds = 5
const syncs = 1_000

export function latencyRow({ plan, ...options }: TrafficRowOptions): Row {
  const pick = ({ latencyMicros }: Outcome): number => latencyMicros?.p99 ?? Number.NaN
  const row = trafficRow('µs', pick, { ...options, plan: { warmUpSeconds: latencyWarmUpSeconds, ...plan } })
  return {
    ...row,
    async measure(broker, settings, run) {
      const disk = row.isWritten && broker === 'hawser-disk' ? { syncMicros: measureSyncs(syncs) } : {}
      return { ...(await row.measure(broker, settings, run)), ...disk }
    },
  }
}

async function runTraffic(
  name: BrokerName,
  { version, ...plan }: TrafficPlan,
  { seconds, warmUpSeconds }: Settings,
  options: RunOptions,
): Promise<Outcome> {
  using folder = temporaryFolder()
  await using broker = await startBroker(name, { folder: folder.path, ...options })
  const target = targetOf(broker, version)
  return await generate(broker, { kind: 'traffic', ...usual, seconds, warmUpSeconds, ...plan, target, prefix })
}
