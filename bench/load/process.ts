/** The generator's process: `node bench/load/process.ts JOB`, the job and the result as JSON. */
import { runIdle } from './idle.ts'
import type { Job, JobResult } from './job.ts'
import { runTraffic } from './traffic.ts'

function run(job: Job): Promise<JobResult> {
  switch (job.kind) {
    case 'traffic':
      return runTraffic(job)
    case 'idle':
      return runIdle(job)
    default:
      throw job satisfies never
  }
}

process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2] ?? '') as Job))}\n`)
