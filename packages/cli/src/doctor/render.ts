/** What the doctor found, for people and for scripts. */
import { styleText } from 'node:util'
import type { Finding } from '@hawser/verify'

export interface DoctorReport {
  readonly ok: boolean
  readonly url: string
  readonly tookMs: number
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly checks: readonly Finding[]
}

export function report(checks: readonly Finding[], url: string, tookMs: number): DoctorReport {
  const count = (status: Finding['status']): number => checks.filter((finding) => finding.status === status).length
  const failed = count('failed')
  return { ok: failed === 0, url, tookMs, passed: count('passed'), failed, skipped: count('skipped'), checks }
}

const marks = {
  passed: { plain: 'ok  ', sign: '✓', color: 'green' },
  failed: { plain: 'FAIL', sign: '✗', color: 'red' },
  skipped: { plain: 'skip', sign: '-', color: 'gray' },
} as const

const whatColumns = 24

export function findingLine(finding: Finding, color: boolean): string {
  const { plain, sign, color: shade } = marks[finding.status]
  const mark = color ? styleText(shade, sign, { validateStream: false }) : plain
  const mend = finding.status === 'failed' ? `; ${finding.mend}` : ''
  return `${mark} ${finding.what.padEnd(whatColumns)} ${finding.figure}${mend}`
}

export function summaryLine({ ok, passed, failed, skipped, tookMs, url }: DoctorReport): string {
  const unseen = skipped === 0 ? '' : `, ${skipped} skipped`
  const figures = `${passed} ok, ${failed} failed${unseen}, ${(tookMs / 1000).toFixed(1)} s`
  return `${ok ? 'All is well' : 'Not all is well'} at ${url}: ${figures}`
}
