/** Runs a job in the generator's own process, on its own core. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { generatorCore, pinned } from '../machine/cores.ts'
import type { IdleJob, IdleResult, Job, JobResult, TrafficJob, TrafficResult } from './job.ts'

const script = fileURLToPath(new URL('process.ts', import.meta.url))

export const generateTraffic = (job: TrafficJob): Promise<TrafficResult> => run(job) as Promise<TrafficResult>
export const openIdleConnections = (job: IdleJob): Promise<IdleResult> => run(job) as Promise<IdleResult>

async function run(job: Job): Promise<JobResult> {
  const { program, args } = pinned(generatorCore, { program: process.execPath, args: [script, JSON.stringify(job)] })
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, complaint, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (code !== 0) throw new Error(/^\w*Error: .*$/m.exec(complaint)?.[0] ?? complaint)
  return JSON.parse(output) as JobResult
}
