import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { describedLimits, otherRefusals, refusalReasons } from '@hawser/broker'
import { limitsDocument } from './limits-document.ts'

describe('limits', () => {
  it('stand in docs/limits.md as they are', () => {
    const published = readFileSync(new URL('../../../../docs/limits.md', import.meta.url), 'utf8')
    assert.equal(published, limitsDocument(), 'run: npx hawser config limits > docs/limits.md')
  })

  it('and what else refuses explain every refusal', () => {
    const explained = new Set([
      ...Object.values(describedLimits).flatMap(({ refusals = [] }) => refusals),
      ...Object.keys(otherRefusals),
    ])
    assert.deepEqual(
      refusalReasons.filter((reason) => !explained.has(reason)),
      [],
    )
  })
})
