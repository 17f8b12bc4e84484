import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { recordKind } from '@hawser/engine'
import { createMemoryLog, createMemoryState } from '@hawser/engine/memory'
import { seededRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { brokerUnderTest } from '../testing/broker-under-test.ts'

const durable = { clientId: 'holder', properties: { sessionExpiryInterval: 3_600 } }

/** A log whose session records are counted, and that is as full as a test says. */
function watchedLog() {
  const log = createMemoryLog({ random: seededRandom(1) })
  const reserve = log.reserve.bind(log)
  const seen = { sessionRecords: 0, congested: false }
  log.reserve = (kind, ...rest) => {
    if (kind === recordKind.session) seen.sessionRecords++
    return reserve(kind, ...rest)
  }
  Object.defineProperty(log, 'congested', { get: () => seen.congested })
  return { log, seen }
}

async function pass(clock: ManualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1_000)
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('the journal of a session that holds messages and does not acknowledge them', () => {
  it('is told once, not every second', async () => {
    const { log, seen } = watchedLog()
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ log, clock })
    const holder = await under.connect(durable)
    await holder.subscribe('a', { qos: 1 })
    const publisher = await under.connect()
    const publish = async (messageId: number): Promise<void> => {
      publisher.publish('a', `${messageId}`, { qos: 1, messageId })
      await publisher.receive('puback')
      await holder.receive('publish')
    }
    await publish(1)
    await pass(clock, 2)
    const told = seen.sessionRecords
    await pass(clock, 5)
    assert.equal(seen.sessionRecords, told)
    await publish(2)
    await pass(clock, 5)
    assert.equal(seen.sessionRecords, told + 1, 'and again when it has moved')
  })

  it('leaves what room there is in the log to those who publish, and loses nothing by it', async () => {
    const { log, seen } = watchedLog()
    const clock = new ManualClock()
    const under = await brokerUnderTest({ log, clock })
    const holder = await under.connect(durable)
    await holder.subscribe('a', { qos: 1 })
    const publisher = await under.connect()
    publisher.publish('a', 'one', { qos: 1, messageId: 1 })
    await publisher.receive('puback')
    await holder.receive('publish')
    const told = seen.sessionRecords
    seen.congested = true
    await pass(clock, 5)
    assert.equal(seen.sessionRecords, told)
    await using after = await under.crash()
    seen.congested = false
    const again = await after.connect({ ...durable, clean: false })
    assert.equal(String((await again.receive('publish'))['payload']), 'one')
  })
})

describe('a graceful stop with many durable sessions', () => {
  const sessions = 600

  it('writes them in a few transactions, behind one commit, and tells every client', async () => {
    const state = createMemoryState()
    const seen = { writes: 0, commits: 0 }
    const write = state.write.bind(state)
    state.write = (changes) => {
      seen.writes++
      return write(changes)
    }
    const log = createMemoryLog({ random: seededRandom(1) })
    const under = await brokerUnderTest({ log, state, clock: new ManualClock() })
    const clients = await Promise.all(
      Array.from({ length: sessions }, (_, index) => under.connect({ ...durable, clientId: `device-${index}` })),
    )
    using _counting = log.onCommit(() => seen.commits++)
    const told = clients.map((client) => client.receive('disconnect'))
    seen.writes = 0
    await under.broker[Symbol.asyncDispose]()
    for (const packet of await Promise.all(told)) assert.equal(packet['reasonCode'], 0x8b)
    assert.ok(seen.commits <= 2, `${seen.commits} commits`)
    // Two parts of the rows, and what stands beside them.
    assert.ok(seen.writes <= 4, `${seen.writes} writes`)
    let rows = 0
    for await (const _row of state.scan('session')) rows++
    assert.equal(rows, sessions)
  })
})
