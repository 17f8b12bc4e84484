import assert from 'node:assert/strict'
import { it } from 'node:test'
import { topicMatches } from '@hawser/engine'
import fc from 'fast-check'
import { NameTable } from './name-table.ts'
import { TopicTrie } from './topic-trie.ts'

const level = fc.constantFrom('a', 'b', '', '$c')
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'))
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, all]) => (all ? [...levels, '#'] : levels).join('/'))

it('a trie finds the topics that the plain comparison finds', () => {
  fc.assert(
    fc.property(fc.uniqueArray(topic, { maxLength: 40 }), filter, (topics, asked) => {
      const trie = new TopicTrie()
      for (const [index, name] of topics.entries()) trie.add(name, index)
      const found = new Set<number>()
      trie.match(asked, found)
      const expected = topics.flatMap((name, index) => (topicMatches(asked, name) ? [index] : []))
      assert.deepEqual(
        [...found].sort((left, right) => left - right),
        expected,
      )
    }),
  )
})

it('a name table numbers names as a map would', () => {
  const table = new NameTable()
  const names = Array.from({ length: 20_000 }, (_, index) => Buffer.from(`n/${index % 7000}/${'ü'.repeat(index % 3)}`))
  const plain = new Map<string, number>()
  for (const name of names) {
    const expected = plain.get(name.toString()) ?? plain.size
    assert.equal(table.has(name), plain.has(name.toString()))
    plain.set(name.toString(), expected)
    assert.equal(table.intern(name, 0, name.length), expected)
    assert.deepEqual(table.name(expected), name)
  }
  assert.equal(table.count, plain.size)
})
