import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GroupLedger } from './group-ledger.ts'

describe('the ledger of a shared subscription', () => {
  it('finds nothing wrong where each message came to one member', () => {
    const ledger = new GroupLedger(1, 2)
    for (let sequence = 0; sequence < 1_000_000; sequence++) ledger.count(sequence & 1, 0, sequence)
    assert.deepEqual([ledger.delivered, ledger.due([1_000_000])], [1_000_000, 0])
    assert.deepEqual([ledger.duplicated, ledger.outOfOrder], [0, 0])
  })

  it('counts what no member got, and what two got', () => {
    const ledger = new GroupLedger(2, 2)
    ledger.count(0, 1, 0)
    ledger.count(1, 1, 0)
    ledger.count(0, 1, 3)
    assert.deepEqual([ledger.duplicated, ledger.due([0, 5])], [1, 3])
  })

  it('waits for nothing where the group is not', () => {
    assert.equal(new GroupLedger(1, 0).due([5]), 0)
  })

  it('asks for order at each member alone', () => {
    const ledger = new GroupLedger(1, 2)
    ledger.count(0, 0, 1)
    ledger.count(1, 0, 0)
    assert.equal(ledger.outOfOrder, 0)
    ledger.count(0, 0, 3)
    ledger.count(0, 0, 2)
    assert.equal(ledger.outOfOrder, 1)
  })
})
