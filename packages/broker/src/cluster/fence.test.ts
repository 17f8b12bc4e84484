/** A session has one owner: a late write of the one before comes to nothing. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { partition } from '@hawser/engine'
import { decodeSessionState, encodeSessionState, type SessionState } from '../journal/session-state.ts'
import { sessionTable } from '../journal/tables.ts'
import { brokersUnderTest, type OneOfBrokers } from '../testing/brokers-under-test.ts'

const clientId = 'client'
const durable = { clientId, clean: false, properties: { sessionExpiryInterval: 3_600 } }

async function rowOf({ member }: OneOfBrokers): Promise<SessionState | undefined> {
  const row = await member.state.get(sessionTable, clientId)
  return row && decodeSessionState(row.value)
}

async function connected(brokers: ReturnType<typeof brokersUnderTest>) {
  const one = await brokers.start()
  const other = await brokers.start()
  const client = await one.connect(durable)
  await brokers.pass(6)
  const row = await rowOf(one)
  assert.ok(row)
  return { one, other, client, row }
}

describe('the row of a session', () => {
  for (const [what, change] of [
    ['a higher epoch', { epoch: 9 }],
    ['the same epoch, and was first', { partition: partition(1) }],
  ] as const) {
    it(`stays with an owner of ${what}, and the one before lets its client go`, async () => {
      await using brokers = brokersUnderTest()
      const { one, other, client, row } = await connected(brokers)
      const value = encodeSessionState({ ...row, partition: partition(1), owner: 'the next', ...change })
      await other.member.state.write([{ table: sessionTable, key: clientId, value }])
      await client.subscribe('t', { qos: 1 })
      await brokers.pass(6)
      assert.equal((await rowOf(one))?.owner, 'the next')
      assert.equal((await client.receive('disconnect'))['reasonCode'], 0x8e)
      assert.deepEqual(one.broker.stats().sessionsOffline, 0)
      assert.deepEqual(brokers.faults, [])
    })
  }

  it('that its next owner has deleted does not come again', async () => {
    await using brokers = brokersUnderTest()
    const { one, other, client } = await connected(brokers)
    await other.member.state.write([{ table: sessionTable, key: clientId, value: null }])
    await client.subscribe('t', { qos: 1 })
    await brokers.pass(6)
    assert.equal(await rowOf(one), undefined)
  })

  it('is written over one of an epoch before, that came late', async () => {
    await using brokers = brokersUnderTest()
    const { one, other, client, row } = await connected(brokers)
    const value = encodeSessionState({ ...row, epoch: row.epoch - 1, partition: partition(1) })
    await other.member.state.write([{ table: sessionTable, key: clientId, value }])
    await client.subscribe('t', { qos: 1 })
    await brokers.pass(6)
    assert.equal((await rowOf(one))?.subscriptions.size, 1)
  })
})
