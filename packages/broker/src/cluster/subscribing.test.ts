import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SimulatedSchedule } from '@hawser/engine/simulated'
import { milliseconds, systemClock } from '@hawser/std'
import { brokersUnderTest } from '../testing/brokers-under-test.ts'
import type { ProcessUnderTest } from '../testing/host-under-test.ts'
import { type ProcessesUnderTest, processesUnderTest } from '../testing/processes-under-test.ts'
import type { RawClient } from '../testing/raw-client.ts'

const two = ({ processes }: ProcessesUnderTest): [ProcessUnderTest, ProcessUnderTest] => {
  const [a, b] = processes
  assert.ok(a && b)
  return [a, b]
}

/** The second process hears of commits long after the first has acknowledged what is in them. */
const hostSchedule: SimulatedSchedule = ({ peer, kind }, run) => {
  if (kind === 'told' && peer === 'process-2') systemClock.after(milliseconds(10), run)
  else setImmediate(run)
}

async function publishAtQos1(client: RawClient, topic: string, payload: string, retain = false): Promise<void> {
  client.publish(topic, payload, { qos: 1, messageId: 1, retain })
  await client.receive('puback')
}

describe('a new subscription, of what comes by another process', { timeout: 120_000 }, () => {
  it('begins at SUBACK: what was acknowledged before is not new to it, what is published after comes', async () => {
    await using under = await processesUnderTest(2, { hostSchedule })
    const [a, b] = two(under)
    const publisher = await a.connect()
    for (let round = 0; round < 25; round++) {
      const subscriber = await b.connect()
      await publishAtQos1(publisher, `t/${round}`, 'before')
      await subscriber.subscribe(`t/${round}`, { qos: 1 })
      await publishAtQos1(publisher, `t/${round}`, 'after')
      assert.equal(String((await subscriber.receive('publish')).payload), 'after')
    }
  })

  it('gets what was retained before it, once', async () => {
    await using under = await processesUnderTest(2, { hostSchedule })
    const [a, b] = two(under)
    const publisher = await a.connect()
    for (let round = 0; round < 25; round++) {
      const subscriber = await b.connect()
      await publishAtQos1(publisher, `t/${round}`, 'kept', true)
      await subscriber.subscribe(`t/${round}`, { qos: 1 })
      const packet = await subscriber.receive('publish')
      assert.deepEqual([String(packet.payload), packet.retain], ['kept', true])
      subscriber.send({ cmd: 'puback', messageId: packet.messageId })
      await publishAtQos1(publisher, `t/${round}`, 'next')
      assert.equal(String((await subscriber.receive('publish')).payload), 'next')
    }
  })

  it('waits for a process that is frozen until it goes on, or is gone', async () => {
    await using under = await processesUnderTest(2)
    const [a, b] = two(under)
    for (const end of ['thaw', 'crash'] as const) {
      const [subscriber, other] = [await a.connect(), await a.connect()]
      b.member.freeze()
      const answer = subscriber.subscribe('t')
      let answered = false
      void answer.then(() => {
        answered = true
      })
      await other.untilPong()
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
      assert.equal(answered, false)
      if (end === 'thaw') b.member.thaw()
      else await b.crash()
      assert.deepEqual((await answer)['granted'], [0])
    }
  })

  it('gets what was retained by a process that has just died', async () => {
    await using under = await processesUnderTest(2, { hostSchedule })
    const [a, b] = two(under)
    const subscriber = await b.connect()
    const publisher = await a.connect()
    await publishAtQos1(publisher, 't', 'kept', true)
    await a.crash()
    await subscriber.subscribe('t', { qos: 1 })
    const packet = await subscriber.receive('publish')
    assert.deepEqual([String(packet.payload), packet.retain], ['kept', true])
    assert.equal(b.broker.stats().counters.subscribesUnconfirmed, 0)
  })

  it('goes on in the end without a process that is silent, which is counted and said', async () => {
    await using brokers = brokersUnderTest()
    const one = await brokers.start()
    const silent = await brokers.start()
    const subscriber = await one.connect()
    silent.member.freeze()
    const answer = subscriber.subscribe('t')
    await brokers.pass(12)
    assert.deepEqual((await answer)['granted'], [0])
    assert.equal(one.broker.stats().counters.subscribesUnconfirmed, 1)
    assert.equal(brokers.faults.length, 1)
    silent.member.thaw()
  })

  it('of many filters is known to one that comes later', async () => {
    await using under = await processesUnderTest(1)
    const [a] = under.processes
    assert.ok(a)
    const subscriber = await a.connect()
    const count = 5_000
    for (let n = 0; n < count; n += 1_000) {
      const subscriptions = Array.from({ length: 1_000 }, (_, index) => ({ topic: `t/${n + index}`, qos: 0 }))
      subscriber.send({ cmd: 'subscribe', messageId: 1, subscriptions })
      await subscriber.receive('suback')
    }
    const b = await under.start()
    const publisher = await b.connect()
    for (const n of [0, 1_234, count - 1]) publisher.publish(`t/${n}`, 'x')
    for (const n of [0, 1_234, count - 1]) assert.equal((await subscriber.receive('publish')).topic, `t/${n}`)
  })
})
