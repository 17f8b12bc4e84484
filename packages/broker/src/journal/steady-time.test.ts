/** No jump of the wall clock within one boot moves a deadline; from one boot to the next the wall clock counts. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryState } from '@hawser/engine/memory'
import { ManualClock } from '@hawser/std/testing'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import { brokersUnderTest } from '../testing/brokers-under-test.ts'
import { SteadyTime } from './steady-time.ts'

const hourMs = 3_600_000
const jumps = { forward: hourMs, back: -hourMs }
const boot = { bootId: 'first' }

const durable = (clientId: string, sessionExpiryInterval: number) => ({
  ...{ clientId, clean: false, properties: { sessionExpiryInterval } },
})
const delayedWill = {
  ...durable('leaver', 10_000),
  will: { topic: 'will', payload: Buffer.from('gone'), qos: 1, properties: { willDelayInterval: 600 } },
}

async function passSeconds(clock: ManualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A session of 900 s, a will delayed for 600 s, and a message that lives for 700 s, all left behind now. */
async function leave(under: BrokerUnderTest): Promise<void> {
  const away = await under.connect(durable('away', 900))
  await away.subscribe('t', { qos: 1 })
  await away.disconnect()
  const reader = await under.connect(durable('reader', 10_000))
  await reader.subscribe('t', { qos: 1 })
  await reader.disconnect()
  const publisher = await under.connect()
  publisher.publish('t', 'waits', { qos: 1, messageId: 1, properties: { messageExpiryInterval: 700 } })
  await publisher.receive('puback')
  publisher.publish('kept', 'waits', { qos: 1, messageId: 2, retain: true, properties: { messageExpiryInterval: 700 } })
  await publisher.receive('puback')
  await (await under.connect(delayedWill)).vanish()
  await publisher.untilPong()
}

/** What is seen of it `passed` seconds after: early and late alike. */
async function assertInTime(under: BrokerUnderTest, clock: ManualClock, passed: number): Promise<void> {
  const { counters } = under.broker.stats()
  const watcher = await under.connect()
  await watcher.subscribe('will', { qos: 1 })
  await passSeconds(clock, 595 - passed)
  assert.deepEqual(await watcher.untilPong(), [], 'the will is not early')
  await passSeconds(clock, 10)
  assert.equal(String((await watcher.receive('publish'))['payload']), 'gone')
  const kept = await under.connect()
  await kept.subscribe('kept', { qos: 1 })
  const { messageExpiryInterval } = (await kept.receive('publish'))['properties'] as Record<string, number>
  assert.ok(Math.abs((messageExpiryInterval ?? 0) - 95) <= 5, `${messageExpiryInterval} s are left`)
  const reader = await under.connect(durable('reader', 10_000))
  assert.equal(String((await reader.receive('publish'))['payload']), 'waits')
  await passSeconds(clock, 290)
  assert.equal(counters.sessionsExpired, 0, 'the session does not end early')
  await passSeconds(clock, 10)
  assert.equal(under.broker.stats().counters.sessionsExpired, 1)
}

async function assertExpired(under: BrokerUnderTest): Promise<void> {
  const kept = await under.connect()
  await kept.subscribe('kept', { qos: 1 })
  assert.deepEqual(await kept.untilPong(), [])
  assert.equal((await under.connect(durable('away', 900))).connack?.['sessionPresent'], false)
  const reader = await under.connect(durable('reader', 10_000))
  assert.deepEqual(await reader.untilPong(), [], 'the message has expired')
}

for (const [direction, jump] of Object.entries(jumps)) {
  describe(`a wall clock that jumps an hour ${direction}`, () => {
    it('moves nothing on one broker', async () => {
      const clock = new ManualClock()
      await using under = await brokerUnderTest({ clock, ...boot })
      await leave(under)
      await passSeconds(clock, 100)
      clock.jumpWall(jump)
      await assertInTime(under, clock, 100)
    })

    it('moves nothing where no boot id is told', async () => {
      const clock = new ManualClock()
      await using under = await brokerUnderTest({ clock })
      await leave(under)
      clock.jumpWall(jump)
      await assertInTime(under, clock, 0)
    })

    for (const how of ['restart', 'crash'] as const) {
      it(`moves nothing over a ${how} in the same boot, whenever it jumps`, async () => {
        const clock = new ManualClock()
        const first = await brokerUnderTest({ clock, ...boot })
        await leave(first)
        await passSeconds(clock, 50)
        clock.jumpWall(jump)
        const second = await first[how]()
        await passSeconds(clock, 50)
        clock.jumpWall(jump)
        await using third = await second[how]()
        clock.jumpWall(-jump / 2)
        await assertInTime(third, clock, 100)
      })
    }

    it('before the boot ends does not count as time between boots', async () => {
      const before = new ManualClock()
      const first = await brokerUnderTest({ clock: before, ...boot })
      await leave(first)
      before.jumpWall(jump)
      await passSeconds(before, 50)
      const clock = new ManualClock(before.wallMicros() + 50e6)
      await using second = await first.restart({ clock, bootId: 'second' })
      await assertInTime(second, clock, 100)
    })
  })
}

describe('after another boot', () => {
  it('what is past by the wall clock is over', async () => {
    const before = new ManualClock()
    const first = await brokerUnderTest({ clock: before, ...boot })
    await leave(first)
    const clock = new ManualClock(before.wallMicros() + hourMs * 1_000)
    await using second = await first.restart({ clock, bootId: 'second' })
    await passSeconds(clock, 2)
    await assertExpired(second)
  })

  it('a wall clock that is behind puts nothing off', async () => {
    const before = new ManualClock()
    const first = await brokerUnderTest({ clock: before, ...boot })
    await leave(first)
    const clock = new ManualClock(before.wallMicros() - hourMs * 1_000)
    await using second = await first.restart({ clock, bootId: 'second' })
    await assertInTime(second, clock, 0)
  })
})

describe('several processes', () => {
  it('count from where one of them has begun, whatever the wall clock says when they start', async () => {
    await using brokers = brokersUnderTest()
    const { clock } = brokers
    const one = await brokers.start(boot)
    await (await one.connect(durable('away', 900))).disconnect()
    clock.jumpWall(hourMs)
    const two = await brokers.start(boot)
    one.kill()
    await brokers.pass(10)
    const back = await two.connect(durable('away', 900))
    assert.equal(back.connack?.['sessionPresent'], true)
    await (await two.connect(delayedWill)).vanish()
    clock.jumpWall(-2 * hourMs)
    const three = await brokers.start(boot)
    await brokers.pass(1)
    const watcher = await three.connect()
    await watcher.subscribe('will', { qos: 1 })
    two.kill()
    await brokers.pass(590)
    assert.deepEqual(await watcher.untilPong(), [])
    await brokers.pass(20)
    assert.equal(String((await watcher.receive('publish'))['payload']), 'gone')
    assert.deepEqual(brokers.faults, [])
  })

  it('that start at once agree', async () => {
    const state = createMemoryState()
    const clock = new ManualClock()
    const all = [new SteadyTime(clock, 'boot'), new SteadyTime(clock, 'boot')]
    clock.jumpWall(hourMs)
    all.push(new SteadyTime(clock, 'boot'))
    await Promise.all(all.map((one) => one.start(state)))
    assert.equal(new Set(all.map((one) => one.now())).size, 1)
  })
})

describe('several hosts', () => {
  it('count each by its own clocks: what one has jumped moves no other', async () => {
    const state = createMemoryState()
    const [here, there] = [new ManualClock(), new ManualClock()]
    there.advance(5_000)
    const one = new SteadyTime(here, 'here', 'many')
    await one.start(state)
    here.jumpWall(hourMs)
    await state.write([one.change(one.row())])
    const two = new SteadyTime(there, 'there', 'many')
    await two.start(state)
    assert.equal(two.now(), there.wallMicros())
    const again = new SteadyTime(here, 'here', 'many')
    await again.start(state)
    assert.equal(again.now(), one.now())
  })
})

describe('steady time', () => {
  it('is the wall time where nothing has jumped', async () => {
    const clock = new ManualClock()
    const steady = new SteadyTime(clock, 'boot')
    await steady.start(createMemoryState())
    clock.advance(5_000)
    assert.equal(steady.now(), clock.wallMicros())
    assert.equal(steady.hasJumped, false)
    clock.jumpWall(-hourMs)
    assert.equal(steady.hasJumped, true)
    steady.stored(steady.row())
    assert.equal(steady.hasJumped, false)
  })

  it('does not trust a boot id whose monotonic clock is behind', async () => {
    const state = createMemoryState()
    const original = new ManualClock()
    original.advance(hourMs)
    const steady = new SteadyTime(original, 'boot')
    await state.write([steady.change(steady.row())])
    const clock = new ManualClock(original.wallMicros() + 60e6)
    const copy = new SteadyTime(clock, 'boot')
    await copy.start(state)
    assert.equal(copy.now(), clock.wallMicros())
  })
})
