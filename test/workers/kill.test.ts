/** The processes of a data folder are killed; and the books that say what was lost can be uneven. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { killCases } from './kill-cases.ts'
import { compare } from './ledger.ts'
import { folderHome } from './start-node.ts'

killCases(folderHome)

describe('the books', () => {
  const book = { acknowledged: [0, 1, 3], unknown: new Set([2]) }
  it('are even', () => {
    compare(book, [0, 1, 3], 2)
    compare(book, [0, 1, 2, 3], 2)
    compare(book, [0, 1, 0, 1, 3], 1)
  })
  for (const [what, received] of [
    ['a loss', [0, 3]],
    ['a second delivery', [0, 1, 1, 3]],
    ['another order', [1, 0, 3]],
    ['what nobody published', [0, 1, 3, 4]],
  ] as const) {
    it(`show ${what}`, () => assert.throws(() => compare(book, received, 2), assert.AssertionError))
  }
})
