/** One run of a row under `--cpu-prof`: where the time of each thread went. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrokerName } from '../brokers/broker-kind.ts'
import { temporaryFolder } from '../brokers/running-broker.ts'
import type { Row, Settings } from '../rows/row.ts'
import { type CpuProfile, type FunctionTime, type Group, groups, selfTimes } from './cpu-profile.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))

export interface RowProfile {
  readonly row: string
  readonly broker: BrokerName
  /** Of the busy time of the main thread. */
  readonly shares: Readonly<Record<Group, number>>
  readonly files: readonly FileShare[]
}

export interface FileShare {
  readonly file: string
  readonly share: number
}

export interface ThreadTimes {
  readonly thread: string
  /** By their self time, the longest first. */
  readonly functions: readonly FunctionTime[]
}

const mainThread = 'main thread'

/** The threads of one run, the main one first. */
export async function profileThreads(row: Row, broker: BrokerName, settings: Settings): Promise<ThreadTimes[]> {
  using folder = temporaryFolder()
  await row.measure(broker, settings, { nodeFlags: ['--cpu-prof', '--cpu-prof-dir', folder.path] })
  const files = readdirSync(folder.path).filter((name) => name.endsWith('.cpuprofile'))
  if (files.length === 0) throw new Error('the broker left no profile')
  return files
    .map((name) => {
      const profile = JSON.parse(readFileSync(join(folder.path, name), 'utf8')) as CpuProfile
      return { thread: threadName(name), functions: selfTimes(profile, repository) }
    })
    .sort((left, right) => left.thread.localeCompare(right.thread))
}

export async function profileRow(row: Row, broker: BrokerName, settings: Settings): Promise<RowProfile> {
  const threads = await profileThreads(row, broker, settings)
  const functions = threads.find(({ thread }) => thread === mainThread)?.functions ?? []
  const total = sumMicros(functions)
  const shareOf = (group: Group): number => sumMicros(functions.filter((each) => each.group === group)) / total
  return {
    row: row.name,
    broker,
    shares: Object.fromEntries(groups.map((group) => [group, shareOf(group)])) as Record<Group, number>,
    files: ourFiles(functions),
  }
}

/** Shares of the time of all functions given, the largest first. */
export function ourFiles(functions: readonly FunctionTime[]): FileShare[] {
  const total = sumMicros(functions)
  const ours = functions.filter(({ group }) => group === 'ours')
  return [...Map.groupBy(ours, ({ file }) => file)]
    .map(([file, own]) => ({ file, share: sumMicros(own) / total }))
    .sort((left, right) => right.share - left.share)
}

export const sumMicros = (functions: readonly FunctionTime[]): number =>
  functions.reduce((total, { micros }) => total + micros, 0)

/** Of CPU.<date>.<time>.<pid>.<thread>.<number>.cpuprofile. */
function threadName(file: string): string {
  const thread = file.split('.').at(-3)
  return thread === '0' ? mainThread : `worker ${thread}`
}
