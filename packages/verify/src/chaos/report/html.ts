/** The report: one file that needs no other, with nothing in it that runs. */
import { problemKinds } from '../ledger/balance.ts'
import { recoveryChart, roundsChart } from './charts.ts'
import { type CaseSummary, type ChaosSummary, problemText } from './summary.ts'
import { escaped, msText } from './text.ts'

export function chaosHtml(summary: ChaosSummary): string {
  const { ok, reason, cases, notHere, rounds } = summary
  const faults = [...new Set(cases.map(({ fault }) => fault))]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>hawser chaos: ${ok ? 'even' : 'not even'}</title>
<style>${style}</style>
</head>
<body>
<h1 class="${ok ? 'good' : 'bad'}">${ok ? 'The books are even' : 'The books are not even'}</h1>
${reason === undefined ? '' : `<p class="bad">${escaped(reason)}</p>`}
<dl>${factsOf(summary)
    .map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`)
    .join('')}</dl>
<h2>Rounds that were even, by fault and form</h2>
${matrix(cases)}
<h2>Figures</h2>
${figures(cases)}
<h2>Recovery</h2>
<p>From the fault to the first delivery, at the last of the receivers, of something handed over behind the fault: median (dark) and longest, over the rounds that hit a client of the form where there were such.</p>
${recoveryChart(cases)}
${faults
  .map(
    (fault) =>
      `<h3>${escaped(fault)}</h3>\n${roundsChart(
        fault,
        rounds.filter((round) => round.fault === fault),
      )}`,
  )
  .join('\n')}
${problems(cases)}
${
  notHere.length === 0
    ? ''
    : `<h2>Not here</h2>\n<ul>${notHere.map(({ fault, why }) => `<li><b>${escaped(fault)}</b>: ${escaped(why)}</li>`).join('')}</ul>`
}
</body>
</html>
`
}

const factsOf = (summary: ChaosSummary): readonly (readonly [string, string])[] => [
  ['Version', summary.version],
  ['Begun', summary.startedAt],
  ['Took', msText(summary.tookMs)],
  ['Cluster', summary.cluster],
  ['Addresses', summary.addresses.join(', ')],
  ['Rate', `${summary.ratePerSecond} messages a second`],
  ['Seed', `${summary.seed}`],
]

function matrix(cases: readonly CaseSummary[]): string {
  const forms = [...new Set(cases.map(({ form }) => form))]
  const faults = [...new Set(cases.map(({ fault }) => fault))]
  const cell = (fault: string, form: string): string => {
    const found = cases.find((one) => one.fault === fault && one.form === form)
    if (found === undefined) return '<td></td>'
    const isWell = isWhole(found)
    const rate = found.rounds === 0 ? 0 : Math.round((100 * found.evenRounds) / found.rounds)
    return `<td class="${isWell ? 'good' : 'bad'}">${found.evenRounds} of ${found.rounds} (${rate} %)</td>`
  }
  return `<table><thead><tr><th></th>${forms.map((form) => `<th>${escaped(form)}</th>`).join('')}</tr></thead><tbody>
${faults.map((fault) => `<tr><th>${escaped(fault)}</th>${forms.map((form) => cell(fault, form)).join('')}</tr>`).join('\n')}
</tbody></table>`
}

const isWhole = ({ rounds, evenRounds, problems }: CaseSummary): boolean =>
  rounds > 0 && evenRounds === rounds && problemKinds.every((kind) => problems[kind] === 0)

const columns = [
  'fault',
  'form',
  'acknowledged',
  'unknown',
  'delivered',
  ...problemKinds,
  'again (allowed)',
  'recovery p50',
  'p99',
  'max',
  'rounds hit',
  'recovery p50 of these',
  'p99',
  'longest silence',
]

function figures(cases: readonly CaseSummary[]): string {
  const rows = cases.map((one) => {
    const { recoveryMs: recovery, hitRecoveryMs: hit } = one
    const problemsOf = problemKinds.map(
      (kind) => `<td class="${one.problems[kind] === 0 ? '' : 'bad'}">${one.problems[kind]}</td>`,
    )
    const times = [recovery?.p50, recovery?.p99, recovery?.max].map(msText)
    const timesHit = [`${one.hitRounds}`, msText(hit?.p50), msText(hit?.p99), msText(one.longestSilenceMs)]
    return `<tr><th>${escaped(one.fault)}</th><th>${escaped(one.form)}</th>${[
      one.acknowledged,
      one.unknown,
      one.delivered,
    ]
      .map((count) => `<td>${count}</td>`)
      .join(
        '',
      )}${problemsOf.join('')}<td>${one.again}</td>${[...times, ...timesHit].map((text) => `<td>${text}</td>`).join('')}</tr>`
  })
  return `<table><thead><tr>${columns.map((name) => `<th>${escaped(name)}</th>`).join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table>`
}

function problems(cases: readonly CaseSummary[]): string {
  const bad = cases.filter((one) => !isWhole(one))
  if (bad.length === 0) return ''
  const items = bad.map(
    (one) =>
      `<li><b>${escaped(`${one.fault} · ${one.form}`)}</b>: ${escaped(problemText(one.problems))}${
        one.samples.length === 0 ? '' : `<ul>${one.samples.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`
      }</li>`,
  )
  return `<h2>What is wrong</h2>\n<ul>${items.join('\n')}</ul>`
}

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem;color:#1c2430;background:#fff}
table{border-collapse:collapse;display:block;overflow-x:auto}th,td{padding:.25rem .6rem;border-bottom:1px solid #d8dee6;text-align:right;white-space:nowrap}
th{text-align:left;font-weight:600}h1.good,td.good{color:#12693f}.bad{color:#b3261e}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}
dd{margin:0}svg{width:100%;height:auto;font-size:12px}svg text{fill:#1c2430}rect.dark,circle.dark{fill:#2f6f9f}rect.light{fill:#b9d3e6}circle.bad{fill:#b3261e}
line{stroke:#8a97a6}`
