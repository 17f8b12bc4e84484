/** Runs a load in the generator's own process, on its own core. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { RunningBroker } from '../brokers/running-broker.ts'
import { generatorCore, pinned } from '../machine/cores.ts'
import type { Job, Load, Outcome } from './job.ts'

const script = fileURLToPath(new URL('process.ts', import.meta.url))
/** Of topics and client ids. */
export const prefix = 'bench'

export const targetOf = ({ port }: Pick<RunningBroker, 'port'>, version: 4 | 5 = 4) => ({
  host: '127.0.0.1',
  port,
  version,
})

export async function generate(broker: RunningBroker, load: Load): Promise<Outcome> {
  const job: Job = { brokerPid: broker.pid, load }
  const { program, args } = pinned(generatorCore, { program: process.execPath, args: [script, JSON.stringify(job)] })
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, complaint, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (code !== 0) throw new Error(/^\w*Error: .*$/m.exec(complaint)?.[0] ?? complaint)
  return JSON.parse(output) as Outcome
}
