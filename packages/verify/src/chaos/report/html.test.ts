import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RoundResult } from '../events.ts'
import type { Balance } from '../ledger/balance.ts'
import { chaosHtml } from './html.ts'
import { type CaseResult, type ChaosSummary, isCaseEven, spread, summarize } from './summary.ts'

const even: Balance = {
  counts: { lost: 0, duplicate: 0, disorder: 0, strange: 0 },
  ...{ again: 0, delivered: 10, samples: [] },
}
const uneven: Balance = { ...even, counts: { ...even.counts, lost: 2 }, samples: ['7 was <b>lost</b>'] }
const round = (number: number, balance: Balance): RoundResult => ({
  ...{ fault: '<script>x</script>', form: 'qos1', round: number, ok: balance === even },
  ...{ balance, acknowledged: 10, unknown: 0, recoveryMs: 100 * number, silenceMs: 50, hit: number === 2 },
})
const caseOf = (...balances: Balance[]): CaseResult => ({
  ...{ fault: '<script>x</script>', form: 'qos1', whole: balances.at(-1) },
  rounds: balances.map((balance, index) => round(index + 1, balance)),
})

function summaryOf(one: CaseResult): ChaosSummary {
  const ok = isCaseEven(one)
  return {
    ...{ version: '1', startedAt: '2026-01-01T00:00:00Z', tookMs: 1, ok, reason: ok ? undefined : '<i>', seed: 1 },
    ...{ cluster: 'c', addresses: ['mqtt://a'], ratePerSecond: 5, notHere: [{ fault: 'disk', why: 'no <root>' }] },
    ...{ cases: [summarize(one)], rounds: one.rounds },
  }
}

describe('the report', () => {
  it('says that the books are even only where all are, and the whole too', () => {
    assert.match(chaosHtml(summaryOf(caseOf(even, even))), /The books are even[\s\S]*2 of 2 \(100 %\)/)
    assert.match(chaosHtml(summaryOf(caseOf(even, uneven))), /The books are not even[\s\S]*1 of 2 \(50 %\)/)
    assert.equal(isCaseEven({ ...caseOf(even), whole: uneven }), false, 'what came late')
    assert.equal(isCaseEven({ ...caseOf(even), whole: undefined }), false, 'broken off')
  })

  it('shows what others have written as text', () => {
    const html = chaosHtml(summaryOf(caseOf(uneven)))
    assert.doesNotMatch(html, /<script|<b>lost|<i>|<root>/)
    assert.match(html, /7 was &#60;b&#62;lost/)
    assert.match(html, /&#60;script&#62;/)
    assert.match(html, /no &#60;root&#62;/)
  })

  it('has figures of loss and recovery', () => {
    const { problems, recoveryMs, evenRounds } = summarize(caseOf(even, uneven))
    assert.deepEqual([problems.lost, recoveryMs, evenRounds], [2, { p50: 100, p99: 200, max: 200 }, 1])
    const { hitRounds, hitRecoveryMs } = summarize(caseOf(even, uneven))
    assert.deepEqual([hitRounds, hitRecoveryMs], [1, { p50: 200, p99: 200, max: 200 }])
    assert.deepEqual(spread([3, 1, 2]), { p50: 2, p99: 3, max: 3 })
    assert.equal(spread([]), undefined)
  })
})
