import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AccessControl, allowAll, badCredentials } from '../access.ts'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import { Histogram } from './histogram.ts'
import type { ReasonCounts } from './reason-counts.ts'

const seen = (counts: ReasonCounts): string[] =>
  [...counts].filter(({ count }) => count > 0).map(({ packet, reason, count }) => `${packet} ${reason} ${count}`)

describe('reason codes', () => {
  it('are counted as they go out and come in, of 3.1.1 too', async () => {
    const access: AccessControl = {
      ...allowAll,
      authenticate: async (who) => (who.clientId === 'stranger' ? badCredentials() : allowAll.authenticate(who)),
    }
    await using under = await brokerUnderTest({ access })
    const client = await under.connect({ clientId: 'a' })
    client.publish('t', 'x', { qos: 1, messageId: 1 })
    await client.receive('puback')
    await client.subscribe('/'.repeat(64))
    await client.subscribe('t', { qos: 1 })
    await client.disconnect(undefined, 4)
    const refused = await under.connect({ version: 4, clientId: 'stranger' })
    assert.equal(refused.connack?.['returnCode'], 4)
    const { reasonsSent, reasonsReceived } = under.broker.stats().counters
    assert.deepEqual(seen(reasonsSent), [
      'connack success 1',
      'connack badUserNameOrPassword 1',
      'puback success 1',
      'suback grantedQoS1 1',
      'suback topicFilterInvalid 1',
    ])
    assert.deepEqual(seen(reasonsReceived), ['disconnect disconnectWithWillMessage 1'])
    const { accepted, 'bad-credentials': bad } = under.broker.stats().counters.authentications
    assert.deepEqual([accepted, bad], [1, 1])
  })
})

describe('a refusal', () => {
  it('is counted with its reason code, explained or not', async () => {
    await using under = await brokerUnderTest({ protocol: { checkPayloadFormat: true } })
    for (const requestProblemInformation of [true, false]) {
      const client = await under.connect({ properties: { requestProblemInformation } })
      const text = { properties: { payloadFormatIndicator: true } }
      client.send({ cmd: 'publish', topic: 't', payload: Buffer.from([0xff]), qos: 1, messageId: 1, ...text })
      const { properties } = await client.receive('puback')
      assert.equal(properties !== undefined, requestProblemInformation)
    }
    assert.deepEqual(
      seen(under.broker.stats().counters.reasonsSent).filter((line) => !line.startsWith('connack')),
      ['puback payloadFormatInvalid 2'],
    )
  })
})

describe('latencies', () => {
  it('are taken of connects, commits and deliveries', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect()
    await client.subscribe('t', { qos: 1 })
    client.publish('t', 'x', { qos: 1, messageId: 1 })
    await client.receive()
    await client.receive()
    const { connect, commit, delivery } = under.broker.stats().latencies
    assert.deepEqual([connect.count, commit.count, delivery.count], [1, 1, 1])
  })

  it('fall into every bucket that is wide enough', () => {
    const histogram = new Histogram()
    for (const seconds of [0.0001, 0.3, 99]) histogram.observe(seconds)
    const { buckets, count, sumSeconds } = histogram.snapshot()
    const at = (bound: number) => buckets.find(({ secondsMax }) => secondsMax === bound)?.count
    assert.deepEqual([at(0.0001), at(0.25), at(0.5), at(10), count], [1, 1, 2, 2, 3])
    assert.ok(Math.abs(sumSeconds - 99.3001) < 1e-9)
  })
})
