import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PeerId } from '@hawser/engine'
import { type ClientId, type SessionNumber, seededRandom } from '@hawser/std'
import type { Connection } from '../session/connection.ts'
import { Session } from '../session/session.ts'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import type { RawClient } from '../testing/raw-client.ts'
import { Group } from './group.ts'
import { Holder } from './holder.ts'
import { numberOf } from './member.ts'
import { firstAsked, type SharedMessage, type SharedStrategy, sharedStrategies } from './strategy.ts'

const random = seededRandom(5)
const message = (publisher: string, topic = 'a/b'): SharedMessage => ({ publisher, topic })
const everything = (): boolean => true

/** As much of a connection as a group looks at. */
const connectionThat = (takesMore: boolean): Connection =>
  ({ output: { congested: !takesMore }, sendWindow: 10 }) as unknown as Connection

function groupOf(strategy: SharedStrategy, members: readonly { takesMore?: boolean; local?: boolean }[]): Group {
  const group = new Group('$share/g/#', '#', strategy, new Map())
  for (const [index, { takesMore = true, local = true }] of members.entries()) {
    const [number, clientId] = [index as SessionNumber, `${index}` as ClientId]
    if (!local) {
      const peer = 'other' as PeerId
      const holder = new Holder(group, peer, index)
      holder.full = !takesMore
      group.add({ kind: 'remote', peer, number, clientId, qos: 1, holder, creditMax: () => 10 })
      continue
    }
    const session = new Session(number, clientId)
    session.connection = connectionThat(takesMore)
    const receiver = {
      session,
      qos: 1,
      identifiers: undefined,
      retainAsPublished: false,
      noLocal: false,
      shareOf: group,
    } as const
    group.add({ kind: 'local', session, receiver, id: index })
  }
  return group
}

const choices = (group: Group, messages: readonly SharedMessage[]): (string | undefined)[] =>
  messages.map((one) => {
    const member = group.choose(1, one, random, everything)
    return member && `${numberOf(member)}`
  })

const many = (count: number): SharedMessage[] => Array.from({ length: count }, () => message('p'))

describe('which member is asked first', () => {
  it('is one of those that are there, by every strategy', () => {
    for (const strategy of sharedStrategies) {
      for (let count = 1; count < 6; count++) {
        for (let last = -1; last < count; last++) {
          const first = firstAsked[strategy](last, count, message('publisher', 'topic'), random)
          assert.ok(Number.isInteger(first) && first >= 0 && first < count, `${strategy}: ${first} of ${count}`)
        }
      }
    }
  })

  it('goes round by turn', () => {
    assert.deepEqual(choices(groupOf('round-robin', [{}, {}, {}]), many(5)), ['0', '1', '2', '0', '1'])
  })

  it('is the same until it leaves, where members are to stick', () => {
    const group = groupOf('sticky', [{}, {}, {}])
    assert.deepEqual(choices(group, many(3)), ['0', '0', '0'])
    const [member] = group.members
    assert.ok(member)
    group.remove(numberOf(member))
    assert.deepEqual(choices(group, many(3)), ['1', '1', '1'])
  })

  it('is spread evenly by chance', () => {
    const counts = new Map<string | undefined, number>()
    for (const chosen of choices(groupOf('random', [{}, {}, {}, {}]), many(4_000))) {
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1)
    }
    assert.equal(counts.size, 4)
    for (const count of counts.values()) assert.ok(count > 850 && count < 1_150, `${count} of 4000`)
  })

  it('follows the publisher or the topic, and spreads them', () => {
    const publishers = Array.from({ length: 200 }, (_, index) => message(`client-${index}`))
    const topics = Array.from({ length: 200 }, (_, index) => message('p', `topic/${index}`))
    for (const [strategy, messages] of [
      ['hash-client', publishers],
      ['hash-topic', topics],
    ] as const) {
      const group = groupOf(strategy, [{}, {}, {}, {}])
      const once = choices(group, messages)
      assert.deepEqual(choices(group, messages), once)
      for (const index of ['0', '1', '2', '3']) assert.ok(once.filter((chosen) => chosen === index).length > 20)
    }
  })

  it('is one of this process, where there is one that takes more', () => {
    const mixed = [{ local: false }, {}, { local: false }, {}]
    assert.deepEqual(choices(groupOf('local-first', mixed), many(4)), ['1', '3', '1', '3'])
    const full = [{ local: false }, { takesMore: false }, { local: false }]
    assert.deepEqual(choices(groupOf('local-first', full), many(3)), ['0', '2', '0'])
  })

  it('is passed over when it is full, by every strategy', () => {
    for (const strategy of sharedStrategies) {
      const group = groupOf(strategy, [{ takesMore: false }, {}, { takesMore: false }])
      assert.deepEqual(choices(group, many(4)), ['1', '1', '1', '1'], strategy)
      assert.deepEqual(choices(groupOf(strategy, [{ takesMore: false }]), many(2)), [undefined, undefined], strategy)
    }
  })
})

async function shares(
  under: BrokerUnderTest,
  publishers: readonly RawClient[],
  name = 'g',
): Promise<[number, number, number]> {
  const members = await Promise.all(
    ['x', 'y', 'z'].map((clientId) => under.connect({ clientId: `${name}-${clientId}` })),
  )
  for (const member of members) await member.subscribe(`$share/${name}/a/+`, { qos: 1 })
  for (const publisher of publishers) {
    for (let id = 1; id <= 30; id++) publisher.publish(`a/${id % 10}`, `${id}`, { qos: id % 2, messageId: id })
    for (let id = 1; id <= 15; id++) await publisher.receive('puback')
  }
  const [x = 0, y = 0, z = 0] = await Promise.all(members.map(async (member) => (await member.untilPong()).length))
  return [x, y, z]
}

describe('a broker with a strategy', () => {
  for (const strategy of sharedStrategies) {
    it(`${strategy}: gives each message to one member`, async () => {
      await using under = await brokerUnderTest({ shared: { strategy } })
      const publisher = await under.connect({ clientId: 'p' })
      const counts = await shares(under, [publisher])
      assert.equal(counts[0] + counts[1] + counts[2], 30, `${counts}`)
      const isOnlyOnes = strategy === 'sticky' || strategy === 'hash-client'
      assert.equal(counts.filter((count) => count > 0).length, isOnlyOnes ? 1 : 3, `${counts}`)
    })
  }

  it('takes another one for groups that are named', async () => {
    await using under = await brokerUnderTest({ shared: { strategy: 'round-robin', strategies: { s: 'sticky' } } })
    const publisher = await under.connect()
    assert.deepEqual((await shares(under, [publisher], 's')).sort(), [0, 0, 30])
    assert.deepEqual(await shares(under, [publisher], 'constructor'), [10, 10, 10])
  })
})
