import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brokerUnderTest } from '../testing/broker-under-test.ts'

describe('a bound of the payload alone', () => {
  it('refuses the one publish: 0x97, counted; before 5.0 it is acknowledged', async () => {
    await using broker = await brokerUnderTest({ limits: { payloadBytesMax: 10 } })
    const client = await broker.connect()
    client.publish('a', 'x'.repeat(10), { qos: 1, messageId: 1 })
    assert.notEqual((await client.receive('puback'))['reasonCode'], 0x97)
    client.publish('a', 'x'.repeat(11), { qos: 1, messageId: 2 })
    assert.equal((await client.receive('puback'))['reasonCode'], 0x97)
    client.publish('a', 'x'.repeat(11))
    client.publish('a', 'x', { qos: 1, messageId: 3 })
    await client.receive('puback')
    const old = await broker.connect({ version: 4 })
    old.publish('a', 'x'.repeat(11), { qos: 1, messageId: 1 })
    assert.equal((await old.receive('puback'))['messageId'], 1)
    assert.equal(broker.broker.stats().counters.dropped['payload-too-large'], 3)
  })
})

describe('topic aliases of a listener', () => {
  it('are bounded by its own maximum where it has one', async () => {
    const tcp = { protocol: 'mqtt', host: '127.0.0.1', port: 0 } as const
    await using broker = await brokerUnderTest({ listeners: [{ ...tcp, name: 'few', topicAliasMaximum: 3 }] })
    const client = await broker.connect()
    const { properties } = (client.connack ?? {}) as { properties?: Readonly<Record<string, unknown>> }
    assert.equal(properties?.['topicAliasMaximum'], 3)
    client.publish('a', 'x', { properties: { topicAlias: 4 } })
    assert.equal((await client.receive('disconnect'))['reasonCode'], 0x94)
  })
})
