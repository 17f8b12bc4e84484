import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import type { TraceEvent } from './trace-event.ts'

const brief = ({ direction, clientId, what, details }: TraceEvent): string => {
  const { topic = '', reason = '' } = details
  return [direction, clientId, what, topic, reason].filter((part) => part !== '').join(' ')
}

describe('a trace', () => {
  it('of a client shows its packets in and out from CONNECT on, and nothing of others', async () => {
    await using under = await brokerUnderTest()
    const events: TraceEvent[] = []
    using _trace = under.broker.trace({ clientId: 'pump' }, (event) => events.push(event))
    const other = await under.connect({ clientId: 'other' })
    await other.subscribe('a/#', { qos: 2 })
    const pump = await under.connect({ clientId: 'pump', version: 4 })
    await pump.subscribe('b', { qos: 1 })
    pump.publish('a/1', 'secret payload', { qos: 1, messageId: 7 })
    await pump.receive('puback')
    other.publish('b', 'x')
    await pump.receive('publish')
    await pump.untilPong()
    await pump.disconnect()
    await other.untilPong()
    assert.deepEqual(events.map(brief), [
      'in pump CONNECT',
      'event pump connected',
      'out pump CONNACK success',
      'in pump SUBSCRIBE',
      'out pump SUBACK',
      'in pump PUBLISH a/1',
      'out pump PUBACK',
      'out pump PUBLISH b',
      'in pump PINGREQ',
      'out pump PINGRESP',
      'in pump DISCONNECT success',
      'event pump disconnected',
    ])
    assert.ok(!JSON.stringify(events).includes('secret payload'))
  })

  it('of a topic shows its publishes in and out of all clients, by what an alias stands for too', async () => {
    await using under = await brokerUnderTest()
    const subscriber = await under.connect({ clientId: 'subscriber' })
    await subscriber.subscribe('#', { qos: 1 })
    const publisher = await under.connect({ clientId: 'publisher' })
    const events: TraceEvent[] = []
    {
      using _trace = under.broker.trace({ topicFilter: 'site/+/level' }, (event) => events.push(event))
      publisher.publish('site/1/level', 'x', { properties: { topicAlias: 3 } })
      publisher.publish('', 'y', { properties: { topicAlias: 3 } })
      publisher.publish('site/1/other', 'z')
      for (let n = 0; n < 3; n++) await subscriber.receive('publish')
    }
    publisher.publish('site/1/level', 'after the trace')
    await subscriber.receive('publish')
    assert.deepEqual(events.map(brief).sort(), [
      'in publisher PUBLISH site/1/level',
      'in publisher PUBLISH site/1/level',
      'out subscriber PUBLISH site/1/level',
      'out subscriber PUBLISH site/1/level',
    ])
    assert.ok(events.every(({ details }) => details['payloadBytes'] === 1))
  })

  it('of an address begins in the middle of a connection, and shows a refusal', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect({ clientId: 'old' })
    const events: TraceEvent[] = []
    using _trace = under.broker.trace({ address: '127.0.0.1' }, (event) => events.push(event))
    using _nobody = under.broker.trace({ address: '192.0.2.1' }, () => assert.fail('of another address'))
    await client.untilPong()
    await under.connect({ clientId: 'x'.repeat(2_000) })
    const seen = events.map(({ direction, what }) => `${direction} ${what}`)
    assert.deepEqual(seen, ['in PINGREQ', 'out PINGRESP', 'in CONNECT', 'event refused', 'out CONNACK'])
    assert.match(events[0]?.address ?? '', /^127\.0\.0\.1:\d+$/)
  })

  it('costs a connection nothing once it is over', async () => {
    await using under = await brokerUnderTest()
    const subscriber = await under.connect()
    await subscriber.subscribe('t')
    const trace = under.broker.trace({}, () => undefined)
    const later = await under.connect()
    trace[Symbol.dispose]()
    later.publish('t', 'x')
    await subscriber.receive('publish')
    let told = 0
    using _again = under.broker.trace({ clientId: 'nobody' }, () => told++)
    later.publish('t', 'y')
    await subscriber.receive('publish')
    assert.equal(told, 0)
  })
})
