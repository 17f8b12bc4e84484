/** Every connector runs, is close behind the log, and writes. */
import type { ConnectorSnapshot } from '@hawser/admin'
import type { Check, ConsoleContext } from '../check.ts'
import { type Finding, failed, passed, skipped } from '../finding.ts'
import { lookUntil } from '../waiting.ts'

const subject = { name: 'connectors', what: 'connectors' }

/** More than this is not small: what the log gets is written within a few batches. */
const lagMax = { messages: 10_000, seconds: 5 }

export const connectorsCheck: Check = {
  subject,
  needs: 'console',
  async run(context) {
    const look = async () => (await context.console.snapshot()).connectors
    const { first, latest } = await lookUntil(context, look, ({ first, latest }) =>
      latest.every((connector) => findingOf(connector, first, context).status === 'passed'),
    )
    if (latest.length === 0) return [skipped(subject, 'none is configured')]
    return latest.map((connector) => findingOf(connector, first, context))
  },
}

function findingOf(now: ConnectorSnapshot, first: readonly ConnectorSnapshot[], context: ConsoleContext): Finding {
  const { name, kind, target, state, lag, written, lastError } = now
  const subject = { name: `connector:${name}`, what: `connector ${name}` }
  const behind = `${lag.messages} behind`
  const why = lastError === null ? '' : `: ${lastError.message}`
  switch (state) {
    case 'running':
    case 'lagging':
      break
    case 'paused':
      return failed(subject, `paused, ${behind}`, 'resume it in the console')
    case 'starting':
    case 'retrying':
    case 'failed':
    case 'stopped':
      return failed(subject, `${state}, ${behind}${why}`, `does ${kind} work at ${target}? nothing is lost meanwhile`)
    default:
      throw state satisfies never
  }
  if (lag.messages > lagMax.messages || (lag.seconds ?? 0) > lagMax.seconds) {
    return failed(
      subject,
      `${behind}, ${lag.seconds ?? '?'} s`,
      `it writes slower than the log grows: look at ${target}`,
    )
  }
  const before = first.find((connector) => connector.name === name)?.written ?? 0
  if (written > before) return passed(subject, `${written - before} written while looking, ${behind}, ${target}`)
  if (lag.messages > 0) return failed(subject, `stands still, ${behind}${why}`, `look at ${target}`)
  if (isFed(name, context)) {
    return failed(subject, `has written nothing new, ${behind}`, 'do its filters match what is published?')
  }
  return passed(subject, `nothing new to write, ${behind}`)
}

/** Whether what the running scenarios publish reaches it; a KPI specification's connector reads machines alone. */
function isFed(name: string, { scenarios, scale }: ConsoleContext): boolean {
  const machines = scenarios.includes('factory') && scale['machine'] !== 0
  return name.startsWith('kpi-') ? machines : scenarios.length > 0
}
