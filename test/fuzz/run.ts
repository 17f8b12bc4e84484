/** One run: the broker, an idle process as control, a witness, and the siege; then what the alarms say. */
import { type Clock, systemClock } from '@hawser/std'
import { besiege, type SiegeReport } from './siege.ts'
import { alarmsOf } from './watch/alarms.ts'
import { Watched } from './watch/watched.ts'
import { Witness } from './witness.ts'

export interface FuzzOptions {
  readonly seed: number
  readonly packets: number
  /** A fault of `watch/broker-process.ts`; none by default. */
  readonly planted?: string
  readonly stallMsMax: number
  readonly progress?: (packets: number) => void
  readonly clock?: Clock
}

export interface FuzzReport {
  readonly siege: SiegeReport
  readonly seconds: number
  /** Packets that the broker read before a fault of their connection ended it. */
  readonly packetsRead: number
  readonly stallMsMax: number
  readonly idleStallMsMax: number
  /** The most that the broker's event loop itself worked at a stretch. */
  readonly turnCpuMsMax: number
  readonly rssBytesEarly: number
  readonly rssBytesMax: number
  readonly exchanged: number
  readonly witnessLatencyMsMax: number
  /** Empty where all is well. */
  readonly alarms: readonly string[]
}

/** Above what the first half of the run took. */
const rssGrowthBytesMax = 160 * 1_048_576
const rssBytesMax = 900 * 1_048_576
const mebibyte = 1_048_576

export async function fuzz({
  seed,
  packets,
  stallMsMax,
  planted = 'none',
  progress,
  clock = systemClock,
}: FuzzOptions): Promise<FuzzReport> {
  const { watched: broker, ports } = await Watched.start('broker-process.ts', planted)
  await using _broker = broker
  const { watched: idle } = await Watched.start('idle-process.ts')
  await using _idle = idle
  const witness = await Witness.start(ports['mqtt'] ?? 0, clock)
  await using _witness = witness
  const stop = new AbortController()
  broker.resetMaxima()
  idle.resetMaxima()
  const startMs = clock.monotonicMs()
  let rssBytesEarly = 0
  const siege = await besiege({
    ...{ ports, seed, packets, clock },
    signal: stop.signal,
    progress(sent) {
      if (sent <= packets / 2) rssBytesEarly = broker.rssBytesMax
      if (broker.end !== undefined || witness.complaints.length > 0 || broker.faults.length > 0) stop.abort()
      progress?.(sent)
    },
  })
  const figures = {
    siege,
    seconds: (clock.monotonicMs() - startMs) / 1000,
    packetsRead: broker.last?.broker?.packetsReceived ?? 0,
    stallMsMax: broker.stallMsMax,
    idleStallMsMax: idle.stallMsMax,
    turnCpuMsMax: broker.turnCpuMsMax,
    rssBytesEarly,
    rssBytesMax: broker.rssBytesMax,
    exchanged: witness.exchanged,
    witnessLatencyMsMax: witness.latencyMsMax,
  }
  return { ...figures, alarms: [...alarms(figures, broker, witness, stallMsMax)] }
}

function* alarms(
  figures: Omit<FuzzReport, 'alarms'>,
  broker: Watched,
  witness: Witness,
  stallMsMax: number,
): Iterable<string> {
  yield* alarmsOf(figures, broker, witness.complaints, stallMsMax)
  const growth = figures.rssBytesMax - figures.rssBytesEarly
  if (figures.rssBytesEarly > 0 && growth > rssGrowthBytesMax) {
    yield `memory: grew by ${Math.round(growth / mebibyte)} MiB in the second half of the run`
  }
  if (figures.rssBytesMax > rssBytesMax) yield `memory: ${Math.round(figures.rssBytesMax / mebibyte)} MiB`
}
