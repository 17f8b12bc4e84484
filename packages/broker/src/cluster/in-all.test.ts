import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { processesUnderTest } from '../testing/processes-under-test.ts'
import { closed, type RawClient } from '../testing/raw-client.ts'

const answers = ({ connack }: RawClient): unknown => connack?.['reasonCode']

/** Lets the clock go on in steps, so that what one process tells another arrives between them. */
async function pass(clock: ManualClock, seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 4; step++) {
    clock.advance(250)
    for (let turn = 0; turn < 8; turn++) await new Promise(setImmediate)
  }
}

describe('what holds in all processes', () => {
  it('a ban set on one, until it is taken back on another', async () => {
    await using under = await processesUnderTest(2)
    const [a, b] = under.processes
    assert.ok(a && b)
    const client = await b.connect({ clientId: 'x' })
    await a.broker.bans.add({ kind: 'client-id', value: 'x' })
    assert.equal((await client.receive('disconnect'))['reasonCode'], 0x98)
    assert.equal(await client.next(), closed)
    assert.equal(answers(await b.connect({ clientId: 'x' })), 0x8a)
    assert.equal(await b.broker.bans.remove({ kind: 'client-id', value: 'x' }), true)
    const late = await under.start()
    assert.equal(answers(await late.connect({ clientId: 'x' })), 0)
    assert.equal(answers(await a.connect({ clientId: 'x' })), 0)
    assert.deepEqual(a.broker.bans.list(), [])
  })

  const bounds = [
    { what: 'connections', limits: { connectionsMax: 3 }, code: 0x89 },
    { what: 'sessions', limits: { sessionsMax: 3 }, code: 0x97 },
  ]
  for (const { what, limits, code } of bounds)
    it(`a bound on ${what}, within what is told twice a second`, async () => {
      const clock = new ManualClock()
      await using under = await processesUnderTest(2, { clock, limits })
      const [a, b] = under.processes
      assert.ok(a && b)
      await a.connect({ clientId: '1' })
      const second = await a.connect({ clientId: '2' })
      await pass(clock, 1)
      assert.equal(answers(await b.connect({ clientId: '3' })), 0)
      assert.equal(answers(await b.connect({ clientId: '4' })), code)
      await second.disconnect()
      await pass(clock, 1)
      assert.equal(answers(await b.connect({ clientId: '4' })), 0)
      await a.crash()
      await pass(clock, 1)
      assert.equal(answers(await b.connect({ clientId: '5' })), 0)
    })

  it('a trace, of clients wherever they are, until it is over', async () => {
    await using under = await processesUnderTest(2)
    const [a] = under.processes
    const events: string[] = []
    const trace = a?.broker.trace({ clientId: 'pump' }, ({ direction, what }) => events.push(`${direction} ${what}`))
    // One that comes later reads along too.
    for (const process of [...under.processes, await under.start()]) {
      const pump = await process.connect({ clientId: 'pump' })
      await pump.disconnect()
      await (await a?.connect())?.untilPong()
    }
    const whole = ['in CONNECT', 'event connected', 'out CONNACK', 'in DISCONNECT', 'event disconnected']
    assert.deepEqual(events, [...whole, ...whole, ...whole])
    trace?.[Symbol.dispose]()
    for (const process of under.processes) await (await process.connect({ clientId: 'pump' })).untilPong()
    assert.equal(events.length, 15)
  })

  it('figures of `$SYS`: the sums, said by one', async () => {
    const clock = new ManualClock()
    await using under = await processesUnderTest(2, { clock, systemTopicSeconds: 1 })
    const [a, b] = under.processes
    assert.ok(a && b)
    await a.connect()
    const watchers = [await a.connect(), await b.connect()]
    for (const watcher of watchers) await watcher.subscribe('$SYS/broker/clients/connected')
    await pass(clock, 4)
    for (const watcher of watchers) {
      const said = (await watcher.untilPong()).map(({ payload }) => String(payload))
      assert.equal(said.at(-1), '3')
      assert.equal(said.length, 1)
    }
    const late = await b.connect()
    await late.subscribe('$SYS/broker/uptime')
    assert.match(String((await late.receive('publish')).payload), /^\d+ seconds$/)
    await a.crash()
    await pass(clock, 4)
    const said = (await watchers[1]?.untilPong())?.map(({ payload }) => String(payload))
    assert.equal(said?.at(-1), '2')
  })
})
