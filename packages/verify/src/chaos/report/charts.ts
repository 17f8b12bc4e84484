/** Charts as SVG in the page itself. */
import type { RoundResult } from '../events.ts'
import type { CaseSummary, Spread } from './summary.ts'
import { escaped, msText } from './text.ts'

const width = 760
const labelWidth = 150
const rowHeight = 22

/** A bar for each case: to the median dark, to the longest light. */
export function recoveryChart(cases: readonly CaseSummary[]): string {
  const rows = cases.filter((one) => ofRow(one) !== undefined)
  const longest = Math.max(1, ...rows.map((one) => ofRow(one)?.max ?? 0))
  const scale = (ms: number): number => (ms / longest) * (width - labelWidth - 90)
  const bars = rows.map((one, index) => {
    const { fault, form } = one
    const { p50 = 0, max = 0 } = ofRow(one) ?? {}
    const y = index * rowHeight + 4
    return `<text x="${labelWidth - 8}" y="${y + 11}" text-anchor="end">${escaped(`${fault} · ${form}`)}</text>
<rect x="${labelWidth}" y="${y}" width="${scale(max).toFixed(1)}" height="14" class="light"/>
<rect x="${labelWidth}" y="${y}" width="${scale(p50).toFixed(1)}" height="14" class="dark"/>
<text x="${(labelWidth + scale(max) + 6).toFixed(1)}" y="${y + 11}">${msText(p50)} / ${msText(max)}</text>`
  })
  return svg(rows.length * rowHeight + 8, 'Recovery by case', bars)
}

const ofRow = ({ hitRecoveryMs, recoveryMs }: CaseSummary): Spread | undefined => hitRecoveryMs ?? recoveryMs

/** A dot for each round of one fault, in their order: how long until the last form was served again. */
export function roundsChart(fault: string, rounds: readonly RoundResult[]): string {
  const height = 120
  const count = Math.max(1, ...rounds.map(({ round }) => round))
  const longest = Math.max(1, ...rounds.map(({ recoveryMs }) => recoveryMs ?? 0))
  const x = (round: number): number => labelWidth + ((round - 0.5) / count) * (width - labelWidth - 20)
  const y = (ms: number): number => height - 20 - (ms / longest) * (height - 40)
  const dots = rounds.map(({ round, form, recoveryMs, ok }) => {
    const words = `round ${round}, ${form}: ${recoveryMs === undefined ? 'nothing came' : msText(recoveryMs)}`
    const at = recoveryMs ?? longest
    return `<circle cx="${x(round).toFixed(1)}" cy="${y(at).toFixed(1)}" r="3.5" class="${ok ? 'dark' : 'bad'}"><title>${escaped(words)}</title></circle>`
  })
  return svg(height, `Recovery by round, ${fault}`, [
    `<text x="${labelWidth - 8}" y="24" text-anchor="end">${msText(longest)}</text>`,
    `<text x="${labelWidth - 8}" y="${height - 16}" text-anchor="end">0</text>`,
    `<line x1="${labelWidth}" y1="${height - 20}" x2="${width - 20}" y2="${height - 20}"/>`,
    ...dots,
  ])
}

const svg = (height: number, title: string, parts: readonly string[]): string =>
  `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">\n${parts.join('\n')}\n</svg>`
