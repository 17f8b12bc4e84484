import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import { HeldCommits } from '../testing/held-commits.ts'
import type { RawClient } from '../testing/raw-client.ts'
import { type AccountFigures, equations, imbalances } from './balance.ts'

const durable = { clean: false, properties: { sessionExpiryInterval: 3_600 } }

async function acknowledge(client: RawClient, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const { qos, messageId } = await client.receive('publish')
    if (qos !== 0) client.send({ cmd: 'puback', messageId })
  }
  await client.untilPong()
}

describe('the sums over messages', () => {
  it('agree before, during and after what waits, is refused, left, dropped, taken over and crashes', async () => {
    const commits = new HeldCommits()
    const clock = new ManualClock()
    await using first = await brokerUnderTest({
      schedule: commits.schedule,
      clock,
      limits: { payloadBytesMax: 1_000 },
      hooks: { publish: ({ topic }) => ({ kind: topic === 'hook' ? 'drop' : 'accept' }) },
    })
    const agree = (under = first): AccountFigures => {
      const { accounting } = under.broker.stats()
      assert.deepEqual(imbalances(accounting), [])
      return accounting
    }
    const small = await first.connect({ properties: { maximumPacketSize: 60 } })
    const narrow = await first.connect({
      ...durable,
      clientId: 'narrow',
      properties: { receiveMaximum: 2, ...durable.properties },
    })
    const member = await first.connect({ ...durable, clientId: 'member' })
    const publisher = await first.connect({ clientId: 'publisher' })
    await small.subscribe('#', { qos: 1 })
    await narrow.subscribe('a', { qos: 2 })
    await member.subscribe('$share/s/a', { qos: 1 })
    commits.hold()
    for (let id = 1; id <= 4; id++) publisher.publish('a', 'x'.repeat(90), { qos: 1, messageId: id })
    publisher.publish('a', '', { qos: 2, messageId: 5, properties: { messageExpiryInterval: 1 } })
    publisher.publish('a', '', { qos: 2, messageId: 5, dup: true })
    publisher.publish('a', '', { qos: 1, messageId: 5 })
    publisher.publish('hook', '', { qos: 1, messageId: 6 })
    publisher.publish('a', 'x'.repeat(2_000), { qos: 1, messageId: 7 })
    publisher.publish('a', 'live')
    await publisher.untilPong()
    const held = agree()
    assert.deepEqual([held.underway, held.receiptsWaiting], [5, 6])
    commits.release()
    for (let id = 1; id <= 9; id++) await publisher.receive()
    await acknowledge(member, 5)
    const after = agree()
    assert.equal(after.accounts.memory.dropped['packet-too-large'], 4)
    assert.ok(after.accounts.memory.leftInLog > 0 && after.inflight.memory > 0)
    clock.advance(2_000)
    const again = await first.connect({ ...durable, clientId: 'narrow' })
    agree()
    await again.untilPong()
    assert.ok(agree().accounts.memory.resumed > 0)
    await using second = await first.crash()
    const back = await second.connect({ ...durable, clientId: 'narrow' })
    await back.untilPong()
    assert.ok(agree(second).accounts.memory.resumed > 0)
  })

  it('show a drop that nobody has counted, and anything else that is counted in one place alone', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect()
    await client.subscribe('a', { qos: 1 })
    client.publish('a', 'x', { qos: 1, messageId: 1 })
    client.publish('a', 'x')
    await client.untilPong()
    const { accounting } = under.broker.stats()
    const { accounts } = accounting
    const planted: Partial<AccountFigures>[] = [
      { accounts: { ...accounts, live: { ...accounts.live, attempted: accounts.live.attempted + 1 } as never } },
      { accounts: { ...accounts, memory: { ...accounts.memory, begun: accounts.memory.begun + 1 } as never } },
      { inflight: { ...accounting.inflight, memory: 0 } },
      { publishesReceived: [1, 2, 0] },
      { recordsAppended: accounting.recordsAppended + 1 },
      { underway: 1 },
      { publishesAcknowledged: 2 },
      { publishesSent: [1, 2, 0] },
    ]
    for (const fault of planted) {
      assert.notDeepEqual(imbalances({ ...accounting, ...fault }), [], Object.keys(fault).join())
    }
    assert.ok(equations.length > planted.length)
  })
})
