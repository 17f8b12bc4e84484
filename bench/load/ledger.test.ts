import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ledger } from './ledger.ts'

const toAll = (): readonly number[] => [0]

function after(sequences: readonly number[]): Ledger {
  const ledger = new Ledger(1, 1)
  for (const sequence of sequences) ledger.count(0, 0, sequence)
  return ledger
}

const counts = (ledger: Ledger, published: number) => ({
  delivered: ledger.delivered,
  lost: ledger.missing + ledger.due([published], toAll),
  duplicated: ledger.duplicated,
  outOfOrder: ledger.outOfOrder,
})

describe('the ledger of deliveries', () => {
  it('finds nothing wrong with all messages in order', () => {
    assert.deepEqual(counts(after([0, 1, 2, 3]), 4), { delivered: 4, lost: 0, duplicated: 0, outOfOrder: 0 })
  })

  it('counts what is missing in the middle and at the end as lost', () => {
    assert.deepEqual(counts(after([0, 3, 4]), 7), { delivered: 3, lost: 4, duplicated: 0, outOfOrder: 0 })
  })

  it('tells a late message from a second one', () => {
    assert.deepEqual(counts(after([0, 2, 1, 1, 2]), 3), { delivered: 3, lost: 0, duplicated: 2, outOfOrder: 1 })
  })

  it('keeps publishers and receivers apart', () => {
    const ledger = new Ledger(2, 2)
    ledger.count(0, 0, 0)
    ledger.count(0, 1, 0)
    ledger.count(1, 1, 0)
    const toBoth = (): readonly number[] => [0, 1]
    assert.equal(ledger.due([1, 1], toBoth), 1)
    assert.equal(ledger.duplicated + ledger.outOfOrder, 0)
  })
})
