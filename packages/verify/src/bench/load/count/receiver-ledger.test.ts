import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { topologyOf } from '../topology.ts'
import { ReceiverLedger } from './receiver-ledger.ts'

const toAll = (_receiver: number, _publisher: number, published: number): number => published
const ledgerOf = (publishers: number, receivers: number): ReceiverLedger =>
  new ReceiverLedger({ publishers, receivers: { from: 0, end: receivers }, dueOf: toAll, isPartial: false })

function after(sequences: readonly number[]): ReceiverLedger {
  const ledger = ledgerOf(1, 1)
  for (const sequence of sequences) ledger.count(0, 0, sequence)
  return ledger
}

const counts = (ledger: ReceiverLedger, published: number) => ({
  delivered: ledger.delivered,
  lost: ledger.missing + ledger.due([published]),
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
    const ledger = ledgerOf(2, 2)
    ledger.count(0, 0, 0)
    ledger.count(0, 1, 0)
    ledger.count(1, 1, 0)
    assert.equal(ledger.due([1, 1]), 1)
    assert.equal(ledger.duplicated + ledger.outOfOrder, 0)
  })

  it('knows which of the messages of many topics are for whom', () => {
    const { dueOf } = topologyOf({ shape: 'wild', publishers: 2, subscribers: 100, prefix: 'bench' })
    const receivers = { from: 0, end: 100 }
    const ledger = new ReceiverLedger({ publishers: 2, receivers, dueOf, isPartial: true })
    const isFor = (receiver: number, sequence: number): boolean =>
      dueOf(receiver, 1, sequence + 1) > dueOf(receiver, 1, sequence)
    for (let sequence = 0; sequence < 2_500; sequence++) {
      for (let receiver = 0; receiver < 100; receiver++) {
        const isLost = sequence === 700 && receiver === 7
        if (isFor(receiver, sequence) && !isLost) ledger.count(receiver, 1, sequence)
      }
    }
    const lost = isFor(7, 700) ? 1 : 0
    assert.equal(ledger.delivered, 3 * 2_500 - lost)
    assert.equal(ledger.due([0, 2_500]) + ledger.missing, lost)
    assert.throws(() => ledger.count(8, 1, isFor(8, 0) ? 1 : 0), /matches no filter/)
  })
})
