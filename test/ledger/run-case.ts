/** One case: a Hawser under load, the disturbance, and the books of what each reader finds afterwards. */
import { type Random, seededRandom, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { type Balance, balance } from './books/balance.ts'
import { readBridge, readKafka, readPostgres } from './books/readers.ts'
import type { LedgerCase, Times } from './cases/case.ts'
import { bridgedMachine, LedgerHawser } from './hawser.ts'
import { Load } from './load.ts'
import { MemorySamples } from './memory.ts'
import { bridgeUrl, collectFrom, postgresUrl, type Servers } from './servers.ts'

export interface CaseOptions extends Times {
  readonly rate: number
  readonly seed: number
}

/** A spell as long as this tells whether memory grows without end. */
const tellingMs = 60_000
const growthMegabytesMax = 128

export interface CaseReport extends Balance {
  readonly name: string
  readonly seconds: number
  readonly memoryMegabytesMax: number
  readonly memoryMegabytesGrowth: number
}

const machines = 10

export async function runCase(which: LedgerCase, common: Servers, options: CaseOptions): Promise<CaseReport> {
  const began = systemClock.monotonicMs()
  await using stack = new AsyncDisposableStack()
  const random: Random = seededRandom(options.seed)
  const name = `ledger_${which.name.toLowerCase().replaceAll(/[^a-z]+/g, '_')}`
  const servers = (await which.prepare?.(common, stack)) ?? common
  const collector = stack.use(await collectFrom(servers))
  const folder = stack.use(await temporaryFolder())
  const hawser = stack.use(
    await LedgerHawser.start({
      folder: folder.path,
      name,
      brokers: servers.kafka.address,
      postgresUrl: postgresUrl(servers),
      bridgeUrl: bridgeUrl(servers),
    }),
  )
  const load = stack.use(new Load({ port: hawser.port, rate: options.rate, machines }))
  using memory = new MemorySamples(() => hawser.pid)
  void memory.take()
  const published = load.run()
  for (const kind of kinds) await hawser.until(kind, ({ written }) => written > 0)
  await which.disturb({ name, servers, hawser, load, times: options, random })
  await load.stop()
  await published
  for (const kind of kinds) await hawser.until(kind, ({ state, lag }) => state === 'running' && lag.messages === 0)
  await hawser.end()
  const balanced = balance(load, {
    kafka: await readKafka(servers.kafka.address, name, machines),
    postgres: await readPostgres(servers.postgres.url, name, machines),
    bridge: await readBridge(collector, name, machines),
    bridged: new Set([bridgedMachine]),
  })
  const grows = options.outageMs >= tellingMs && memory.growth > growthMegabytesMax
  return {
    name: which.name,
    ...balanced,
    faults: grows ? [...balanced.faults, `its memory grew by ${memory.growth} MB`] : balanced.faults,
    seconds: Math.round((systemClock.monotonicMs() - began) / 1000),
    memoryMegabytesMax: memory.most,
    memoryMegabytesGrowth: memory.growth,
  }
}

const kinds = ['kafka', 'postgres', 'mqtt'] as const
