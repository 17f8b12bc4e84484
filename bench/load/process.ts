/** The generator's process: `node bench/load/process.ts JOB`, the job and the outcome as JSON. */
import { alone, Histogram, runCycles, runRetained, runTraffic, type TrafficJob } from '@hawser/verify/load'
import { measureUse, type ProcessUse } from '../machine/processes.ts'
import { holdIdle } from './idle.ts'
import type { Job, Outcome } from './job.ts'

/** Measures the use of the machine around what is measured. */
class Meter {
  use: ProcessUse | undefined
  readonly #brokerPid: number
  #end: (() => ProcessUse) | undefined

  constructor(brokerPid: number) {
    this.#brokerPid = brokerPid
  }

  readonly onMeasuring = (): void => {
    this.#end = measureUse(this.#brokerPid)
  }

  readonly onMeasured = (): void => {
    this.use = this.#end?.()
  }
}

async function run({ brokerPid, load }: Job): Promise<Outcome> {
  const meter = new Meter(brokerPid)
  const outcome = await outcomeOf()
  return meter.use === undefined ? outcome : { ...outcome, use: meter.use }

  async function outcomeOf(): Promise<Outcome> {
    switch (load.kind) {
      case 'traffic':
        return trafficOutcome(load, meter)
      case 'hold':
        return holdIdle(load, brokerPid)
      case 'cycles':
        return { perSecond: (await runCycles(load, meter)).cyclesPerSecond }
      case 'retained':
        return retainedOutcome(load, meter)
      default:
        throw load satisfies never
    }
  }
}

async function trafficOutcome(job: TrafficJob, meter: Meter): Promise<Outcome> {
  const tally = await runTraffic(job, { ...alone, onMeasuring: meter.onMeasuring, onMeasured: meter.onMeasured })
  const { published, lost, undelivered, duplicated, outOfOrder, closed } = tally
  const quantiles = (counts: typeof tally.latency) => {
    const histogram = new Histogram()
    histogram.addAll(counts)
    return histogram.quantilesMicros()
  }
  return {
    perSecond: tally.deliveredPerSecond,
    account: { published, lost, undelivered, duplicated, outOfOrder, closed },
    latencyMicros: quantiles(tally.latency),
    sentLateMicros: quantiles(tally.lateness),
  }
}

async function retainedOutcome(job: Parameters<typeof runRetained>[0], meter: Meter): Promise<Outcome> {
  const { receivedPerSecond, storedPerSecond, lost, duplicated } = await runRetained(job, meter)
  return {
    perSecond: receivedPerSecond,
    account: { published: job.messages, lost, duplicated, undelivered: 0, outOfOrder: 0, closed: 0 },
    note: `stored at ${Math.round(storedPerSecond).toLocaleString('en')}/s`,
  }
}

process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2] ?? '') as Job))}\n`)
