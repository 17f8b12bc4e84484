import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { topicMatches } from './topic-filter.ts'

/** Section 4.7 read word by word: every expansion of the filter's wildcards, tried one by one. */
function matchesByTheBook(filter: string, topic: string): boolean {
  const filterLevels = filter.split('/')
  const topicLevels = topic.split('/')
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false
  const walk = (inFilter: number, inTopic: number): boolean => {
    const level = filterLevels[inFilter]
    if (level === undefined) return inTopic === topicLevels.length
    // `#` stands for its parent and any number of levels below it.
    if (level === '#') return inTopic <= topicLevels.length
    if (inTopic >= topicLevels.length) return false
    return (level === '+' || level === topicLevels[inTopic]) && walk(inFilter + 1, inTopic + 1)
  }
  return walk(0, 0)
}

describe('topicMatches', () => {
  /** The examples of sections 4.7.1 and 4.7.2. */
  const examples: readonly [filter: string, matching: readonly string[], others: readonly string[]][] = [
    [
      'sport/tennis/player1/#',
      ['sport/tennis/player1', 'sport/tennis/player1/ranking', 'sport/tennis/player1/score/wimbledon'],
      ['sport/tennis/player2', 'sport/tennis/player10'],
    ],
    ['sport/#', ['sport', 'sport/', 'sport/tennis'], ['sports', 'Sport']],
    ['#', ['sport', '/', '/finance', 'a/b/c'], ['$SYS', '$SYS/monitor/Clients']],
    ['sport/tennis/+', ['sport/tennis/player1', 'sport/tennis/player2'], ['sport/tennis/player1/ranking']],
    ['sport/+', ['sport/'], ['sport']],
    ['+', ['sport', 'finance'], ['/finance', '$SYS']],
    ['+/+', ['/finance', 'a/b', '/'], ['finance', 'a/b/c']],
    ['/+', ['/finance'], ['finance', 'a/finance']],
    ['+/tennis/#', ['sport/tennis', 'sport/tennis/a/b', '/tennis'], ['tennis', 'a/b/tennis']],
    ['sport/+/player1', ['sport/tennis/player1', 'sport//player1'], ['sport/player1', 'sport/a/b/player1']],
    ['+/monitor/Clients', ['a/monitor/Clients'], ['$SYS/monitor/Clients']],
    ['$SYS/#', ['$SYS', '$SYS/', '$SYS/monitor/Clients'], ['SYS/monitor', 'a/$SYS/b']],
    ['$SYS/monitor/+', ['$SYS/monitor/Clients'], ['$SYS/monitor', '$SYS/monitor/a/b']],
    ['a/$SYS/+', ['a/$SYS/b'], ['a/$SYS']],
    ['ACCOUNTS', ['ACCOUNTS'], ['Accounts', '/ACCOUNTS', 'ACCOUNTS/', 'ACCOUNTS2', 'ACCOUNT']],
  ]
  for (const [filter, matching, others] of examples) {
    it(`${filter} matches what the specification says`, () => {
      for (const topic of matching) assert.ok(topicMatches(filter, topic), topic)
      for (const topic of others) assert.ok(!topicMatches(filter, topic), topic)
    })
  }

  it('equals the specification read word by word', () => {
    const level = fc.constantFrom('a', 'b', 'ab', '', '$', '😀', 'a b')
    const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'))
    const filter = fc
      .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }), fc.constantFrom('#', '+', 'a', ''))
      .map(([levels, last]) => [...levels, last].join('/'))
    fc.assert(
      fc.property(filter, topic, (filter, topic) => {
        fc.pre(filter !== '' && topic !== '')
        assert.equal(topicMatches(filter, topic), matchesByTheBook(filter, topic))
      }),
      { numRuns: 5000 },
    )
  })
})
