import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FilterTrie } from './filter-trie.ts'
import { topicMatches } from './topic-filter.ts'

const level = fc.constantFrom('a', 'b', '', '$a', 'long')
const topics = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'))
const filters = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([levels, rest]) => [...levels, ...(rest ? ['#'] : [])].join('/'))

describe('a trie of filters', () => {
  it('finds what each filter alone would match', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(filters, fc.constant('#')), { maxLength: 12 }), topics, (all, topic) => {
        const trie = new FilterTrie<number>()
        for (const [index, filter] of all.entries()) trie.add(filter, index)
        const expected = all.flatMap((filter, index) => (topicMatches(filter, topic) ? [index] : []))
        assert.deepEqual(
          trie.match(topic).sort((a, b) => a - b),
          expected,
        )
      }),
      { numRuns: 2_000 },
    )
  })
})
