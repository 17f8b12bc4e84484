/** The console answers, and says itself that all is well. */
import type { Check } from '../check.ts'
import { failed, passed } from '../finding.ts'

export const consoleSubject = { name: 'console', what: 'console and REST' }

export const consoleCheck: Check = {
  subject: consoleSubject,
  needs: 'console',
  async run({ console, clock }) {
    const askedAtMs = clock.monotonicMs()
    const { ok, checks } = await console.health()
    const tookMs = Math.round(clock.monotonicMs() - askedAtMs)
    if (ok) return [passed(consoleSubject, `${console.url} healthy, answers in ${tookMs} ms`)]
    const ill = checks.filter((check) => !check.ok).map(({ part, detail }) => `${part} (${detail})`)
    return [
      failed(consoleSubject, `/health says no: ${ill.join(', ') || 'without a reason'}`, 'see the line of that part'),
    ]
  },
}
