/** Claims that meet, in hundreds of seeded orders: one connection of a client id is left, and one session. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '@hawser/std'
import { brokersUnderTest, lateBy, type OneOfBrokers, turns } from '../testing/brokers-under-test.ts'
import { closed, type RawClient } from '../testing/raw-client.ts'

const durable = { clientId: 'twin', clean: false, properties: { sessionExpiryInterval: 3_600 } }

/** Undefined where it is not let in, or closed meanwhile. */
async function tried(one: OneOfBrokers): Promise<RawClient | undefined> {
  try {
    const client = await one.connect(durable)
    return client.connack?.['reasonCode'] === 0 ? client : undefined
  } catch {
    return undefined
  }
}

async function answers(client: RawClient): Promise<boolean> {
  client.send({ cmd: 'pingreq' })
  const packet = await client.next()
  return packet !== closed && packet.cmd === 'pingresp'
}

describe('a client id that comes to several processes at once', () => {
  it('has one connection in the end', async () => {
    const random = seededRandom(1)
    for (let seed = 1; seed <= 6; seed++) {
      await using brokers = brokersUnderTest({ seed, schedule: lateBy(seed, 5) })
      const all = [await brokers.start(), await brokers.start(), await brokers.start()]
      for (let round = 0; round < 40; round++) {
        const count = 2 + random.integer(3)
        const trying: Promise<RawClient | undefined>[] = []
        for (let index = 0; index < count; index++) {
          const [one] = all.slice(random.integer(all.length))
          if (one !== undefined) trying.push(tried(one))
          if (random.integer(2) === 0) await turns(random.integer(6))
        }
        const clients = (await Promise.all(trying)).filter((client) => client !== undefined)
        await turns(20)
        const alive: RawClient[] = []
        for (const client of clients) if (await answers(client)) alive.push(client)
        assert.equal(alive.length, 1, `seed ${seed}, round ${round}`)
        const online = all.reduce((sum, { broker }) => sum + broker.stats().sessionsOnline, 0)
        assert.equal(online, 1)
        if (round === 0) await alive[0]?.subscribe('t', { qos: 1 })
        else assert.equal(alive[0]?.connack?.['sessionPresent'], true, `seed ${seed}, round ${round}`)
      }
      assert.deepEqual(brokers.faults, [])
    }
  })
})
