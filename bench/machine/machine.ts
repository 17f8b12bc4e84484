/** What the figures were made on and with. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { natsProgram } from '../brokers/broker-kind.ts'
import { measureSyncs } from './syncs.ts'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGigabytes: number
  readonly kernel: string
  readonly node: string
  readonly mosquitto: string
  readonly aedes: string
  readonly nats: string
  readonly commit: string
  /** Before the first run: what other work the machine had. */
  readonly loadAverage: number
  /** Median of 4 KiB written and synced in the folder where the data folders are. */
  readonly fdatasyncMs: number
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    mosquitto: /version ([\d.]+)/.exec(outputOf('mosquitto', '-h'))?.[1] ?? 'not installed',
    aedes: pinnedAedes(),
    nats: natsVersion(),
    commit: outputOf('git', 'describe', '--always', '--dirty').trim(),
    loadAverage: loadavg()[0] ?? 0,
    fdatasyncMs: measureSyncs(101).p50 / 1_000,
  }
}

/** What keeps the bench from running here; undefined where nothing does. */
export function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux') return 'the bench reads /proc and pins processes to cores: it runs on Linux only'
  if (availableParallelism() < 2) return 'the bench needs two cores: one for the broker, one for the load generator'
  for (const program of ['taskset', 'mosquitto']) {
    if (spawnSync(program, ['-h']).error !== undefined) return `${program} is not on the PATH: apt-get install it`
  }
  return undefined
}

const outputOf = (program: string, ...args: readonly string[]): string =>
  spawnSync(program, args, { cwd: import.meta.dirname, encoding: 'utf8' }).stdout ?? ''

const natsVersion = (): string =>
  (natsProgram && /v([\d.]+)/.exec(outputOf(natsProgram, '--version'))?.[1]) ?? 'not installed'

function pinnedAedes(): string {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    readonly devDependencies: { readonly aedes: string }
  }
  return manifest.devDependencies.aedes
}
