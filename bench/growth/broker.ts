/** The broker as a process of its own, with the bounds lifted that growth would meet, and what it takes. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RunningBroker, startBroker } from '../brokers/running-broker.ts'
import { processSeconds, residentBytes } from '../machine/processes.ts'

const limits = {
  subscriptions_max: 2_000_000,
  subscriptions_per_session_max: 2_000_000,
  retained_messages_max: 2_000_000,
  retained_bytes_max: 4_000_000_000,
  sessions_max: 2_000_000,
  connections_max: 1_000_000,
}

const logBytesMax = 100_000_000_000

/** On `folder`, which may have been used before. */
export async function startGrown(folder: string, durability: 'disk' | 'memory', workers = 1): Promise<RunningBroker> {
  const configuration = join(folder, 'hawser.yaml')
  const lines = Object.entries(limits).map(([name, value]) => `  ${name}: ${value}`)
  const log = `log:\n  retention_bytes: ${logBytesMax}\n`
  writeFileSync(configuration, `workers: ${workers}\nlimits:\n${lines.join('\n')}\n${log}`)
  const within = ({ program, args }: { readonly program: string; readonly args: readonly string[] }) => ({
    program,
    args: [...args, '--config', configuration],
  })
  return startBroker(durability === 'disk' ? 'hawser-disk' : 'hawser-memory', { folder, within })
}

/** Once what the work before left behind has had the time to be collected. */
export async function restingBytes({ pid }: RunningBroker): Promise<number> {
  await sleep(3_000)
  return residentBytes(pid)
}

/** Processor time of the broker, µs for each of `count` things that `work` does. */
export async function microsEach({ pid }: RunningBroker, count: number, work: () => Promise<void>): Promise<number> {
  const before = processSeconds(pid)
  await work()
  return ((processSeconds(pid) - before) * 1e6) / count
}

export const row = (...cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`)

export function table(...head: readonly string[]): void {
  row(...head)
  row(...head.map(() => '---'))
}
