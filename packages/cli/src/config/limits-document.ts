/** docs/limits.md: every bound of the broker, its default, what becomes of what is more, and how it is counted. */
import {
  defaultLimits,
  describedLimits,
  type Limits,
  listenerLimitNames,
  otherRefusals,
  type RefusalReason,
  refusals,
} from '@hawser/broker'
import { connectReturnCodeOf } from '@hawser/codec'
import { snakeCase } from './names.ts'

const head = `# Limits

Every bound of the broker, as keys below \`limits:\` in the configuration; those marked with * a listener may have of its own. A reload puts them in force for live clients, but for what was announced to them at CONNECT. Made by \`hawser config limits\`.

Each refusal has a counter by its name. 3.1.1 hears it as the return code of CONNACK or as 0x80 in SUBACK; elsewhere its connection is closed, but for a publish that is not allowed, which is acknowledged and dropped.

| key | default | bounds | what is more | counted as |
| --- | ---: | --- | --- | --- |
`

const refusalHead = `
## Refusals

| counter | reason code of 5.0 | CONNACK of 3.1.1 | when |
| --- | --- | --- | --- |
`

export function limitsDocument(): string {
  const names = Object.keys(defaultLimits) as (keyof Limits)[]
  const limits = names.map((name) => {
    const { bounds, excess, refusals: counters = [] } = describedLimits[name]
    const own = listenerLimitNames.some((each) => each === name) ? '*' : ''
    return row([
      `\`${snakeCase(name)}\`${own}`,
      String(defaultLimits[name]),
      bounds,
      excess,
      counters.map(code).join(', '),
    ])
  })
  const reasons = Object.keys(refusals) as RefusalReason[]
  return `${head}${limits.join('')}${refusalHead}${reasons.map(refusalRow).join('')}`
}

function refusalRow(reason: RefusalReason): string {
  const value = refusals[reason]
  const names = Object.entries(describedLimits).filter(([, limit]) => limit.refusals?.includes(reason))
  const by = names.map(([name]) => code(snakeCase(name))).join(', ')
  const others: Partial<Record<RefusalReason, string>> = otherRefusals
  const hexadecimal = value === undefined ? '–' : `0x${value.toString(16).toUpperCase().padStart(2, '0')}`
  const legacy = value === undefined ? undefined : connectReturnCodeOf(value)
  return row([code(reason), hexadecimal, legacy === undefined ? '–' : String(legacy), others[reason] ?? `past ${by}`])
}

const code = (text: string): string => `\`${text}\``
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
