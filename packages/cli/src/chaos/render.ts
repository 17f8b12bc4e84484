/** A line for each thing that happens, for people. */
import { type ChaosEvent, msText, problemText } from '@hawser/verify/chaos'

export function eventLine(event: ChaosEvent): string {
  switch (event.event) {
    case 'started':
      return `${event.faults.length} faults × ${event.forms.length} forms × ${event.rounds} rounds at ${event.addresses.join(', ')}, seed ${event.seed}`
    case 'not-here':
      return `${event.fault}: not here: ${event.why}`
    case 'injected':
      return `${event.fault} ${event.round}: ${event.what}`
    case 'undone':
      return `${event.fault} ${event.round}: mended after ${msText(event.afterMs)}`
    case 'round': {
      const { fault, round, form, balance, acknowledged, recoveryMs } = event
      const came = recoveryMs === undefined ? 'nothing came behind it' : `recovered in ${msText(recoveryMs)}`
      return `${fault} ${round}: ${form} ${problemText(balance.counts)}, ${acknowledged} acknowledged, ${came}${samples(balance.samples)}`
    }
    case 'case': {
      const { fault, form, evenRounds, rounds, balance } = event
      return `${fault} × ${form}: ${evenRounds} of ${rounds} rounds even, in all ${problemText(balance.counts)}`
    }
    case 'ended':
      return `${event.ok ? 'the books are even' : `the books are not even: ${event.reason}`} (${msText(event.tookMs)})`
    default:
      throw event satisfies never
  }
}

const samples = (lines: readonly string[]): string => lines.map((line) => `\n    ${line}`).join('')
