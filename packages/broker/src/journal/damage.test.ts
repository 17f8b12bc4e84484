/** A row of the store that is not what was written: its session is nobody's, and the others go on. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StateStore } from '@hawser/engine'
import { createMemoryLog, createMemoryState } from '@hawser/engine/memory'
import { HawserError, seededRandom } from '@hawser/std'
import { brokerUnderTest } from '../testing/broker-under-test.ts'

const durable = (clientId: string) => ({ clientId, clean: false, properties: { sessionExpiryInterval: 3_600 } })

/** A store whose row of one session is damaged once `damaged` says so. */
function fragile(state: StateStore, damaged: { clientId: string | undefined }): StateStore {
  return {
    async get(table, key) {
      if (table === 'session' && key === damaged.clientId) throw new HawserError('DATA_CORRUPT', `row ${key}`)
      return state.get(table, key)
    },
    write: (changes) => state.write(changes),
    scan: (table, from) => state.scan(table, from),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

describe('a damaged row of a session', () => {
  it('does not keep a broker from starting, nor other sessions from coming back', async () => {
    const damaged: { clientId: string | undefined } = { clientId: undefined }
    const log = createMemoryLog({ random: seededRandom(1) })
    const faults: string[] = []
    const first = await brokerUnderTest({
      log,
      state: fragile(createMemoryState(), damaged),
      onFault: (message) => faults.push(message),
    })
    for (const clientId of ['one', 'two']) {
      const client = await first.connect(durable(clientId))
      await client.subscribe('t/#', { qos: 1 })
    }
    damaged.clientId = 'one'
    await using under = await first.restart()
    const publisher = await under.connect()
    publisher.publish('t/a', 'after', { qos: 1, messageId: 1 })
    await publisher.receive('puback')
    const two = await under.connect(durable('two'))
    assert.equal(String((await two.receive('publish'))['payload']), 'after')
    const one = await under.connect(durable('one'))
    assert.equal(one.connack?.['reasonCode'], 0x80)
    assert.equal(faults.length, 1)
  })
})
