import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import { closed, type RawClient } from '../testing/raw-client.ts'
import type { BanTarget } from './ban.ts'

const answers = (client: RawClient): unknown => client.connack?.['reasonCode'] ?? client.connack?.['returnCode']

const targets: readonly BanTarget[] = [
  { kind: 'client-id', value: 'pump' },
  { kind: 'username', value: 'ann' },
  { kind: 'address', value: '127.0.0.1' },
  { kind: 'address', value: '127.0.0.0/8' },
]

for (const target of targets) {
  describe(`a ban of ${target.kind} ${target.value}`, () => {
    it('keeps the client out (0x8A, 3.1.1: 5), closes its connection with 0x98, and is counted', async () => {
      await using under = await brokerUnderTest()
      const there = await under.connect({ clientId: 'pump', username: 'ann' })
      const other = await under.connect({ clientId: 'other' })
      await under.broker.bans.add({ ...target, reason: 'noise' })
      assert.equal((await there.receive('disconnect'))['reasonCode'], 0x98)
      if (target.kind !== 'address') assert.deepEqual(await other.untilPong(), [])
      assert.equal(answers(await under.connect({ clientId: 'pump', username: 'ann' })), 0x8a)
      assert.equal(answers(await under.connect({ version: 4, clientId: 'pump', username: 'ann' })), 5)
      assert.equal(under.broker.stats().counters.refused.banned, 2)
      assert.deepEqual(
        under.broker.bans.list().map(({ kind, value, reason, by }) => ({ kind, value, reason, by })),
        [{ ...target, reason: 'noise', by: 'operator' }],
      )
      assert.equal(await under.broker.bans.remove(target), true)
      assert.equal(await under.broker.bans.remove(target), false)
      assert.equal(answers(await under.connect({ clientId: 'pump', username: 'ann' })), 0)
    })

    for (const how of ['restart', 'crash'] as const) {
      it(`outlives a ${how}`, async () => {
        const first = await brokerUnderTest()
        await first.broker.bans.add(target)
        await using under = await first[how]()
        assert.equal(answers(await under.connect({ clientId: 'pump', username: 'ann' })), 0x8a)
      })
    }
  })
}

describe('bans', () => {
  it('end with their time', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock })
    await under.broker.bans.add({ kind: 'client-id', value: 'pump', seconds: 60 })
    await under.broker.bans.add({ kind: 'address', value: '127.0.0.1', seconds: 30 })
    assert.equal(answers(await under.connect({ clientId: 'other' })), 0x8a)
    clock.advance(31_000)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(answers(await under.connect({ clientId: 'other' })), 0)
    assert.equal(answers(await under.connect({ clientId: 'pump' })), 0x8a)
    clock.advance(30_000)
    assert.equal(answers(await under.connect({ clientId: 'pump' })), 0)
    assert.deepEqual(under.broker.bans.list(), [])
  })

  it('are refused for what is no address, and past their bound', async () => {
    await using under = await brokerUnderTest({ limits: { bansMax: 1 } })
    const { bans } = under.broker
    for (const value of ['', 'example.org', '10.0.0.0/33', '10.0.0.1/x', '1.2.3']) {
      await assert.rejects(bans.add({ kind: 'address', value }), { code: 'USAGE' })
    }
    await bans.add({ kind: 'address', value: '2001:db8::/32' })
    await assert.rejects(bans.add({ kind: 'client-id', value: 'x' }), { code: 'USAGE' })
    await bans.add({ kind: 'address', value: '2001:db8::/32', reason: 'replaced' })
    assert.equal(answers(await under.connect()), 0)
  })

  it('bear client identifiers of any length', async () => {
    const clientId = 'x'.repeat(1_024)
    const first = await brokerUnderTest()
    await first.broker.bans.add({ kind: 'client-id', value: clientId })
    await using under = await first.restart()
    assert.equal(answers(await under.connect({ clientId })), 0x8a)
    assert.equal(under.broker.bans.list()[0]?.value, clientId)
  })
})

describe('a client id that connects again and again', () => {
  const limits = { flappingConnectsMax: 3, flappingWindowMs: 10_000, flappingBanMs: 60_000 }

  it('is banned for a while, and nobody else', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock, limits })
    for (let n = 0; n < 3; n++) assert.equal(answers(await under.connect({ clientId: 'restless' })), 0)
    for (let n = 0; n < 2; n++) assert.equal(answers(await under.connect({ clientId: 'restless' })), 0x8a)
    assert.equal(answers(await under.connect({ clientId: 'calm' })), 0)
    const { refused } = under.broker.stats().counters
    assert.equal(refused.flapping, 1)
    assert.equal(refused.banned, 2)
    assert.equal(under.broker.bans.list()[0]?.by, 'flapping')
    clock.advance(61_000)
    assert.equal(answers(await under.connect({ clientId: 'restless' })), 0)
  })

  it('is not, where it takes its time', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock, limits })
    for (let n = 0; n < 8; n++) {
      assert.equal(answers(await under.connect({ clientId: 'calm' })), 0)
      clock.advance(4_000)
    }
  })

  it('is nobody’s business unless it is said', async () => {
    await using under = await brokerUnderTest()
    let last: RawClient | undefined
    for (let n = 0; n < 30; n++) last = await under.connect({ clientId: 'restless' })
    assert.ok(last)
    assert.equal(answers(last), 0)
    last.socket.end()
    assert.equal(await last.next(), closed)
  })
})
