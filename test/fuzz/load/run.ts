/** One load against a broker of its own, with an idle process, a witness and those who only keep alive beside it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Clock, milliseconds, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { alarmsOf } from '../watch/alarms.ts'
import type { BrokerFigures } from '../watch/pulse.ts'
import { Watched } from '../watch/watched.ts'
import { Witness } from '../witness.ts'
import { Bystanders } from './bystanders.ts'
import type { Load, Outcome } from './load.ts'
import { loads } from './loads.ts'

export interface RunOptions {
  readonly stallMsMax: number
  readonly count: number
  /** A fault of `watch/plant.ts`; none by default. */
  readonly planted?: string
  readonly clock?: Clock
}

export interface LoadReport {
  readonly name: string
  readonly count: number
  readonly seconds: number
  readonly rssBytesAtRest: number
  readonly rssBytesMax: number
  readonly stallMsMax: number
  readonly idleStallMsMax: number
  /** The most that the broker's event loop itself worked at a stretch. */
  readonly turnCpuMsMax: number
  readonly exchanged: number
  readonly witnessMsMax: number
  readonly witnessMs99: number
  readonly outcome: Outcome
  /** As the load left it, before its clients were gone. */
  readonly broker: BrokerFigures | undefined
  /** Empty where all is well. */
  readonly alarms: readonly string[]
}

const mebibyte = 1_048_576
const restMs = milliseconds(1_000)

export async function runLoad(name: string, options: RunOptions): Promise<LoadReport> {
  const { count, planted = 'none', clock = systemClock } = options
  const load = loads[name]
  if (load === undefined) throw new Error(`no load is called ${name}`)
  await using folder = await temporaryFolder()
  const { watched: broker, ports } = await Watched.start('default-broker-process.ts', folder.path, planted)
  await using _broker = broker
  const { watched: idle } = await Watched.start('idle-process.ts')
  await using _idle = idle
  const witness = await Witness.start(ports['mqtt'] ?? 0, clock)
  await using _witness = witness
  await using bystanders = await Bystanders.start(ports['mqtt'] ?? 0, clock)
  await sleep(clock, restMs)
  const rssBytesAtRest = broker.last?.rssBytes ?? 0
  broker.resetMaxima()
  idle.resetMaxima()
  const startedMs = clock.monotonicMs()
  await using attackers = startAttackers(name, count, ports)
  const outcome = await Promise.race([attackers.outcome, broker.ended.then(() => nothingMore)])
  const seconds = (clock.monotonicMs() - startedMs) / 1_000
  // The pulse that is under way may be older than the last of the load.
  await broker.nextPulse()
  const figures = {
    ...{ name, count, seconds, rssBytesAtRest, outcome },
    broker: (await broker.nextPulse())?.broker,
    rssBytesMax: broker.rssBytesMax,
    stallMsMax: broker.stallMsMax,
    idleStallMsMax: idle.stallMsMax,
    turnCpuMsMax: broker.turnCpuMsMax,
    exchanged: witness.exchanged,
    witnessMsMax: witness.latencyMsMax,
    witnessMs99: witness.latencyMs(0.99),
  }
  const complaints = [...witness.complaints, ...bystanders.complaints]
  return { ...figures, alarms: [...alarms(load, figures, broker, complaints, options.stallMsMax)] }
}

const nothingMore: Outcome = { figures: {}, complaints: [] }

interface Attackers extends AsyncDisposable {
  readonly outcome: Promise<Outcome>
}

function startAttackers(name: string, count: number, ports: Readonly<Record<string, number>>): Attackers {
  const script = fileURLToPath(new URL('attackers-process.ts', import.meta.url))
  const child = fork(script, [name, `${count}`, JSON.stringify(ports)])
  const ended = once(child, 'exit')
  const failed = ended.then(([code]) => ({ figures: {}, complaints: [`the attackers ended with exit code ${code}`] }))
  return {
    outcome: Promise.race([once(child, 'message').then(([outcome]) => outcome as Outcome), failed]),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

function* alarms(
  { memory, judge }: Load,
  report: Omit<LoadReport, 'alarms'>,
  broker: Watched,
  disturbed: readonly string[],
  stallMsMax: number,
): Iterable<string> {
  yield* alarmsOf(report, broker, disturbed, stallMsMax)
  const most = memory.mebibytes * mebibyte + memory.kibibytesEach * 1_024 * report.count
  if (report.rssBytesMax > most) {
    yield `memory: ${Math.round(report.rssBytesMax / mebibyte)} MiB, ${Math.round(most / mebibyte)} at most`
  }
  for (const complaint of report.outcome.complaints) yield `load: ${complaint}`
  if (report.broker === undefined) return
  for (const complaint of judge?.(report.broker, report.count) ?? []) yield `load: ${complaint}`
}
