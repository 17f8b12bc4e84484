/** Both trees against the definition of matching, by random filters and topics. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { topicMatches } from '@hawser/engine'
import { type ClientId, type SessionNumber, seededRandom } from '@hawser/std'
import { Counters } from '../counters.ts'
import { defaultLimits } from '../limits/limits.ts'
import { Session } from '../session/session.ts'
import { retainedOn, stepsOf, subscriptionTo } from '../testing/retained-on.ts'
import { RetainedMessages } from './retained.ts'
import { SubscriptionTree } from './subscription-tree.ts'

const random = seededRandom(7)
const pick = <Item>(items: readonly Item[]): Item => items[random.integer(items.length)] as Item
const words = ['a', 'b', '', '$x']
const topicOf = (): string => Array.from({ length: 1 + random.integer(4) }, () => pick(words)).join('/')
function filterOf(): string {
  const levels = Array.from({ length: 1 + random.integer(4) }, () => pick([...words, '+', '+']))
  return [...levels, ...(random.integer(3) === 0 ? ['#'] : [])].join('/')
}

describe('the subscription tree', () => {
  it('finds exactly the filters that match, while they come and go', () => {
    const tree = new SubscriptionTree()
    const session = new Session(1 as SessionNumber, 'client' as ClientId)
    const filters = new Set<string>()
    for (let round = 0; round < 3_000; round++) {
      const filter = filterOf()
      if (filters.has(filter) && random.integer(2) === 0) {
        filters.delete(filter)
        tree.remove(session, filter)
      } else {
        filters.add(filter)
        tree.add(session, subscriptionTo(filter))
      }
      const topic = topicOf()
      const found: string[] = []
      tree.match(topic, (_session, subscription) => found.push(subscription.filter))
      assert.deepEqual(found.sort(), [...filters].filter((one) => topicMatches(one, topic)).sort(), topic)
    }
  })
})

describe('the retained messages', () => {
  it('are found by exactly the filters that match, while they are set and deleted', () => {
    const retained = new RetainedMessages(defaultLimits, new Counters())
    const topics = new Set<string>()
    for (let round = 0; round < 3_000; round++) {
      const topic = topicOf()
      if (random.integer(3) === 0) {
        topics.delete(topic)
        retained.apply(retainedOn(topic, ''))
      } else {
        topics.add(topic)
        retained.apply(retainedOn(topic, 'value'))
      }
      const filter = filterOf()
      const found = [...stepsOf(retained.match(filter))].flatMap((message) => message?.topic ?? [])
      assert.deepEqual(found.sort(), [...topics].filter((one) => topicMatches(filter, one)).sort(), filter)
      assert.equal(retained.count, topics.size)
    }
  })

  it('are bounded by count and bytes, and what is over is counted', () => {
    const counters = new Counters()
    const retained = new RetainedMessages({ ...defaultLimits, retainedMessagesMax: 2 }, counters)
    for (const topic of ['a', 'b', 'c']) retained.apply(retainedOn(topic, 'value'))
    retained.apply(retainedOn('a', 'newer'))
    assert.equal(retained.count, 2)
    assert.equal(counters.dropped['retained-limit'], 1)
    const message = retained.get('a')
    assert.equal(message?.buffer.toString('utf8', message.payloadStart, message.payloadEnd), 'newer')
  })
})
