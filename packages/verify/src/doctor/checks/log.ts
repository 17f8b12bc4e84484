/** The log takes records and makes them durable. */
import type { Check } from '../check.ts'
import { failed, passed } from '../finding.ts'
import { lookUntil } from '../waiting.ts'

const subject = { name: 'log', what: 'log committing' }

export const logCheck: Check = {
  subject,
  needs: 'console',
  async run(context) {
    const look = async () => (await context.console.snapshot()).log
    const { first, latest } = await lookUntil(
      context,
      look,
      // Whatever is published meanwhile, be it by the doctor itself, must become durable.
      ({ first, latest }) => latest.status.kind !== 'open' || latest.records.committed > first.records.committed,
    )
    const { status, records, durability, path } = latest
    switch (status.kind) {
      case 'full':
        return [failed(subject, status.reason, 'make room on that disk: it goes on by itself')]
      case 'failed':
        return [failed(subject, status.reason, 'see the log file, and start hawser up again')]
      case 'unreachable':
        return [failed(subject, status.reason, 'end that process, on its host: the log of hawser says which')]
      case 'open':
        break
      default:
        throw status satisfies never
    }
    const committed = records.committed - first.records.committed
    if (committed > 0) {
      const where = path === null ? '' : `, ${path}`
      return [passed(subject, `${committed} records committed while looking, class ${durability}${where}`)]
    }
    const pending = records.appended - records.committed
    return [failed(subject, `open, but nothing was committed; ${pending} records wait`, 'is its disk slow or stuck?')]
  },
}
