/** The process of `checked`: one job, one answer. */
import type { CheckJob } from './checked.ts'
import { nameOfPath } from './environment.ts'
import { type Validated, validate } from './validate.ts'
import { checkConfigurationText } from './yaml-file.ts'

function check(job: CheckJob): Validated {
  switch (job.kind) {
    case 'file':
      return checkConfigurationText(job.file, job.text)
    case 'environment':
      return validate(job.value, nameOfPath)
    case 'value':
      return validate(job.value, () => '')
    default:
      throw job satisfies never
  }
}

process.once('message', (job: CheckJob) => process.send?.(check(job), () => process.disconnect()))
