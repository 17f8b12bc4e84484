import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { balanceStream, isEven, type StreamRules } from './balance.ts'
import { balanceRetained } from './retained.ts'
import { balanceWills } from './wills.ts'

const qos2: StreamRules = { once: true, ordered: true, shared: false }
const qos1: StreamRules = { ...qos2, once: false }
const group: StreamRules = { once: true, ordered: false, shared: true }
const none = { lost: 0, duplicate: 0, disorder: 0, strange: 0 }
const book = { acknowledged: [0, 1, 2, 4], unknown: [3, 5] }
const receipts = (...columns: (readonly number[])[]) => new Map(columns.map((column, index) => [`r${index}`, column]))

describe('books of a stream', () => {
  it('are even where what was acknowledged came, and of the unknown some', () => {
    assert.ok(isEven(balanceStream(book, receipts([0, 1, 2, 4], [0, 1, 2, 3, 4, 5]), qos2)))
  })

  it('name what is lost, and to whom', () => {
    const balance = balanceStream(book, receipts([0, 1, 2, 4], [0, 1, 4]), qos2)
    assert.deepEqual(balance.counts, { ...none, lost: 1 })
    assert.deepEqual(balance.samples, ['2 was acknowledged and did not come to r1'])
  })

  it('count what came twice, which QoS 1 allows and QoS 2 does not', () => {
    const came = receipts([0, 1, 2, 1, 4])
    assert.deepEqual(balanceStream(book, came, qos2).counts, { ...none, duplicate: 1 })
    const allowed = balanceStream(book, came, qos1)
    assert.deepEqual([allowed.counts, allowed.again], [none, 1])
  })

  it('count what came for the first time behind a later one', () => {
    assert.deepEqual(balanceStream(book, receipts([0, 2, 1, 4]), qos1).counts, { ...none, disorder: 1 })
    assert.deepEqual(balanceStream(book, receipts([0, 1, 2, 4, 3]), qos1).samples, [
      '3, of unknown fate, came behind a later one to r0',
    ])
  })

  it('count what nobody has published', () => {
    assert.deepEqual(balanceStream(book, receipts([0, 1, 2, 4, 99]), qos1).counts, { ...none, strange: 1 })
  })

  it('of a group ask for each at one member', () => {
    assert.ok(isEven(balanceStream(book, receipts([4, 0], [2, 1]), group)))
    assert.deepEqual(balanceStream(book, receipts([0, 2], [1, 2, 4]), group).counts, { ...none, duplicate: 1 })
    assert.deepEqual(balanceStream(book, receipts([0], [1, 4]), group).counts, { ...none, lost: 1 })
  })
})

describe('books of retained values', () => {
  // Two topics: 0, 2, 4 of the one, 1, 3, 5 of the other.
  const at = (even: number, odd?: number) =>
    balanceRetained(
      book,
      (number) => number % 2,
      new Map([['n', new Map([[0, even], ...(odd === undefined ? [] : [[1, odd] as const])])]]),
    ).counts

  it('are even with the last that was acknowledged, or a later one of unknown fate', () => {
    assert.deepEqual(at(4, 1), none)
    assert.deepEqual(at(4, 5), none)
  })

  it('name an older one, none, and one that nobody has published', () => {
    assert.deepEqual(at(2, 1), { ...none, lost: 1 })
    assert.deepEqual(at(4), { ...none, lost: 1 })
    assert.deepEqual(at(6, 1), { ...none, strange: 1 })
  })
})

describe('books of wills', () => {
  const fates = new Map([['a', 'lost'] as const, ['b', 'left'] as const, ['c', 'unknown'] as const])

  it('are even where those fired that were due', () => {
    assert.ok(isEven(balanceWills(fates, ['a'])))
    assert.ok(isEven(balanceWills(fates, ['c', 'a'])))
  })

  it('name one that did not come, one that came twice, and one that was not due', () => {
    assert.deepEqual(balanceWills(fates, []).counts, { ...none, lost: 1 })
    assert.deepEqual(balanceWills(fates, ['a', 'a']).counts, { ...none, duplicate: 1 })
    assert.deepEqual(balanceWills(fates, ['a', 'b']).counts, { ...none, strange: 1 })
  })
})
