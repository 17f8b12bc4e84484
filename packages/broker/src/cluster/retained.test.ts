/** Retained messages are the same in all processes, whatever order their commits are heard in. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Branded, seededRandom } from '@hawser/std'
import { type BrokersUnderTest, brokersUnderTest, lateBy, type OneOfBrokers } from '../testing/brokers-under-test.ts'

type Payload = Branded<string, 'Payload'>

async function retainedAt(one: OneOfBrokers, clientId: string): Promise<Record<string, Payload>> {
  const reader = await one.connect({ clientId })
  await reader.subscribe('r/#', { qos: 1 })
  const found: Record<string, Payload> = {}
  for (const { cmd, topic, payload } of await reader.untilPong()) {
    if (cmd === 'publish') found[String(topic)] = String(payload) as Payload
  }
  await reader.disconnect()
  return found
}

/** Sets and deletes by all processes at once, on few topics. */
async function disturb(brokers: BrokersUnderTest, all: readonly OneOfBrokers[], seed: number): Promise<void> {
  const random = seededRandom(seed)
  const published: Promise<boolean>[] = []
  for (let step = 0; step < 60; step++) {
    const [one] = all.slice(random.integer(all.length))
    const payload = random.integer(3) === 0 ? '' : `${seed}-${step}`
    const topic = `r/${random.integer(4)}`
    published.push(
      one?.broker.publish({ topic, payload: Buffer.from(payload), qos: 1, retain: true }) as Promise<boolean>,
    )
    if (random.integer(4) === 0) await new Promise(setImmediate)
  }
  await Promise.all(published)
  await brokers.pass(0.2)
}

describe('retained messages of several processes', () => {
  it('are the same everywhere after conflicts, a crash, and a start from rows alone', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      await using brokers = brokersUnderTest({ seed, schedule: lateBy(seed, 4) })
      const all = [await brokers.start(), await brokers.start(), await brokers.start()]
      await disturb(brokers, all, seed)
      const [one, two, three] = all
      assert.ok(one && two && three)
      const seen = await retainedAt(one, 'x')
      assert.deepEqual(await retainedAt(two, 'y'), seen, `seed ${seed}`)
      assert.deepEqual(await retainedAt(three, 'z'), seen, `seed ${seed}`)
      if (seed % 2 === 0) await brokers.pass(6)
      one.kill()
      await brokers.pass(1)
      assert.deepEqual(await retainedAt(two, 'y'), seen, `seed ${seed}, after a crash`)
      await brokers.pass(6)
      two.kill()
      three.kill()
      const next = await brokers.start()
      await brokers.pass(1)
      assert.deepEqual(await retainedAt(next, 'n'), seen, `seed ${seed}, after a start`)
      assert.deepEqual(brokers.faults, [])
    }
  })

  it('a deletion leaves no row once all have heard of it', async () => {
    await using brokers = brokersUnderTest()
    const one = await brokers.start()
    const two = await brokers.start()
    await one.broker.publish({ topic: 'r/1', payload: Buffer.from('x'), retain: true, qos: 1 })
    await brokers.pass(6)
    assert.ok(await two.member.state.get('retained', 'r/1'))
    await two.broker.publish({ topic: 'r/1', payload: Buffer.alloc(0), retain: true, qos: 1 })
    await brokers.pass(6)
    for (let second = 0; second < 15; second++) {
      await one.broker.publish({ topic: 'other', payload: Buffer.alloc(0), qos: 1 })
      await two.broker.publish({ topic: 'other', payload: Buffer.alloc(0), qos: 1 })
      await brokers.pass(1)
    }
    assert.equal(await two.member.state.get('retained', 'r/1'), undefined)
  })
})
