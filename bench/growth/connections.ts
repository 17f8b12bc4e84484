/** Idle connections up to what the machine gives: bytes each, and what the broker takes while nothing happens. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { HoldJob } from '@hawser/verify/load'
import { type RunningBroker, temporaryFolder } from '../brokers/running-broker.ts'
import { generatorCore, pinned } from '../machine/cores.ts'
import { microsEach, restingBytes, row, startGrown, table } from './broker.ts'

const counts = [1_000, 10_000, 19_000, 50_000, 100_000, 150_000]
/** A process may have so many files, less some for itself; the kernel does not spread connections quite evenly. */
const ofOneProcessMax = 19_500
const ofOneWorkerMax = 15_000
/** Of sources, so that ports do not run out. */
const localAddresses = Array.from({ length: 16 }, (_, index) => `127.0.0.${index + 2}`)
const startMs = 5_000
const idleMs = 15_000

const holder = fileURLToPath(new URL('holder.ts', import.meta.url))

export async function connections(countMax: number): Promise<void> {
  table('connections', 'processes', 'CONNECT, µs of the broker', 'resident, bytes each', 'idle, share of a core')
  for (const count of counts.filter((each) => each <= countMax)) await measure(count)
}

async function measure(count: number): Promise<void> {
  const workers = count <= ofOneProcessMax ? 1 : Math.ceil(count / ofOneWorkerMax)
  using folder = temporaryFolder()
  await using broker = await startGrown(folder.path, 'disk', workers)
  await sleep(startMs)
  const residentBefore = await restingBytes(broker)
  await using holders = new AsyncDisposableStack()
  const micros = await microsEach(broker, count, async () => {
    for (let first = 0; first < count; first += ofOneProcessMax) {
      holders.use(await hold(broker, first, Math.min(ofOneProcessMax, count - first)))
    }
  })
  const resident = (await restingBytes(broker)) - residentBefore
  const idle = (await microsEach(broker, 1, () => sleep(idleMs))) / (idleMs * 1_000)
  row(count, workers, micros.toFixed(1), Math.round(resident / count), idle.toFixed(3))
}

async function hold({ port }: RunningBroker, first: number, count: number): Promise<AsyncDisposable> {
  const target = { host: '127.0.0.1', port, version: 4, localAddresses } as const
  const job: HoldJob = { target, prefix: 'idle', connections: count, first }
  const { program, args } = pinned(generatorCore, { program: process.execPath, args: [holder, JSON.stringify(job)] })
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  await Promise.race([once(child.stdout, 'data'), failed(child, ended)])
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await ended
    },
  }
}

async function failed(child: ChildProcess, ended: Promise<unknown>): Promise<never> {
  await ended
  throw new Error(`the holder of connections ended with ${child.exitCode}`)
}
