/** The model of sessions that move holds in all its histories; and each rule, left out, is missed. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tlcSkipReason } from '../servers/tlc.ts'
import { type Bounds, checkSessions, type Flaw, flaws } from './check.ts'

const qos2 = { qos: 2, messages: 2, crashes: 0, losses: 0 } as const

const missed: Readonly<Record<Flaw, { readonly bounds: Bounds; readonly what: string }>> = {
  'acknowledged before the commit': { bounds: { ...qos2, messages: 1, crashes: 1 }, what: 'AcknowledgedIsDurable' },
  'adopted while it runs': { bounds: { ...qos2, crashes: 1 }, what: 'Once' },
  'claim without ends': { bounds: { ...qos2, losses: 1 }, what: 'WillOnce' },
  // What is acknowledged is never delivered, and nothing more happens.
  'cursor past the unacknowledged': { bounds: { qos: 1, messages: 1, crashes: 1, losses: 0 }, what: 'deadlock' },
  'no barrier': { bounds: { ...qos2, losses: 1 }, what: 'InOrder' },
  'sent before it is assigned': { bounds: { ...qos2, crashes: 1 }, what: 'Once' },
  'will without claim': { bounds: { ...qos2, messages: 1, losses: 1 }, what: 'WillOnce' },
}

describe('the model of sessions', { skip: tlcSkipReason() }, () => {
  for (const bounds of [
    { ...qos2, losses: 1 },
    { ...qos2, messages: 1, crashes: 1 },
    { qos: 1, messages: 1, crashes: 1, losses: 0 },
  ] as const) {
    it(`holds: ${JSON.stringify(bounds)}`, async () => {
      const verdict = await checkSessions(bounds)
      assert.equal(verdict.kind, 'holds', verdict.kind === 'violated' ? verdict.trace : '')
    })
  }

  for (const flaw of flaws) {
    const { bounds, what } = missed[flaw]
    it(`misses its rule: ${flaw}`, async () => {
      const verdict = await checkSessions(bounds, flaw)
      assert.equal(verdict.kind === 'violated' ? verdict.what : verdict.kind, what)
    })
  }
})
