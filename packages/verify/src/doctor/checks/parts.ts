/** Every supervised part runs, and none has been started again a moment ago. */
import type { Part } from '@hawser/admin'
import type { Check } from '../check.ts'
import { type Finding, failed, passed } from '../finding.ts'

/** A part that came back so lately is named: whatever killed it may do so again. */
const lately = { seconds: 15 }

const subject = { name: 'parts', what: 'supervised parts' }

export const partsCheck: Check = {
  subject,
  needs: 'console',
  async run({ console }) {
    const { parts, atMs } = await console.snapshot()
    if (parts.length === 0) return [failed(subject, 'none is known', 'is this a hawser up? see the log file')]
    return parts.map((part) => findingOf(part, atMs))
  },
}

function findingOf({ name, state, pid, restarts, sinceMs, lastExit }: Part, atMs: number): Finding {
  const subject = { name: `part:${name}`, what: `part ${name}` }
  const forSeconds = Math.max(0, Math.round((atMs - sinceMs) / 1000))
  const ended = lastExit === null ? '' : ` (${lastExit})`
  const log = `see what ${name} said last in the log file`
  switch (state) {
    case 'running':
      if (restarts > 0 && forSeconds <= lately.seconds) {
        return failed(subject, `ended${ended} and was started again ${forSeconds} s ago`, log)
      }
      return passed(subject, `running for ${forSeconds} s, pid ${pid ?? 'unknown'}${restartsText(restarts)}`)
    case 'starting':
      if (restarts === 0) return passed(subject, `starting for ${forSeconds} s`)
      return failed(subject, `ended${ended} and is being started again`, log)
    case 'backoff':
      return failed(subject, `ended${ended} ${forSeconds} s ago and waits to be started again`, log)
    case 'stopped':
      return failed(subject, `ended by itself${ended} ${forSeconds} s ago`, 'stop and start hawser up')
    case 'failed':
      return failed(subject, `failed${ended}`, log)
    default:
      throw state satisfies never
  }
}

function restartsText(restarts: number): string {
  if (restarts === 0) return ''
  return restarts === 1 ? ', 1 restart' : `, ${restarts} restarts`
}
