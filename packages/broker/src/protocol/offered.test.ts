import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import { type AnyPacket, closed, RawClient } from '../testing/raw-client.ts'
import type { ProtocolOptions } from './options.ts'

const under = (protocol: Partial<ProtocolOptions>) => brokerUnderTest({ protocol })
const properties = (packet: AnyPacket | undefined): Record<string, unknown> =>
  (packet?.['properties'] ?? {}) as Record<string, unknown>
const will = { topic: 'will', payload: Buffer.from('x'), qos: 0, retain: false }

async function ends(client: RawClient, code: number): Promise<void> {
  assert.equal((await client.receive('disconnect'))['reasonCode'], code)
  assert.equal(await client.next(), closed)
}

describe('what is not offered', () => {
  it('is told in CONNACK, and only that', async () => {
    await using all = await under({ sharedSubscriptionAvailable: true })
    const offered = properties((await all.connect()).connack)
    assert.deepEqual(Object.keys(offered).sort(), [
      'assignedClientIdentifier',
      'maximumPacketSize',
      'receiveMaximum',
      'topicAliasMaximum',
    ])
    await using little = await under({
      qosMax: 1,
      retainAvailable: false,
      wildcardSubscriptionAvailable: false,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
    })
    const told = properties((await little.connect()).connack)
    assert.equal(told['maximumQoS'], 1)
    for (const name of [
      'retainAvailable',
      'wildcardSubscriptionAvailable',
      'subscriptionIdentifiersAvailable',
      'sharedSubscriptionAvailable',
    ]) {
      assert.equal(told[name], false, name)
    }
  })

  it('ends a publish above the Maximum QoS: 0x9B [MQTT-3.2.2-11]', async () => {
    await using broker = await under({ qosMax: 1 })
    const client = await broker.connect()
    client.publish('a', 'good', { qos: 1, messageId: 1 })
    await client.receive('puback')
    client.publish('a', 'bad', { qos: 2, messageId: 2 })
    await ends(client, 0x9b)
    const old = await broker.connect({ version: 4 })
    old.publish('a', 'bad', { qos: 2, messageId: 2 })
    assert.equal(await old.next(), closed)
    assert.equal(broker.broker.stats().counters.protocolFaults, 2)
  })

  it('grants a subscription the Maximum QoS [MQTT-3.2.2-10]', async () => {
    await using broker = await under({ qosMax: 0 })
    const client = await broker.connect()
    assert.deepEqual((await client.subscribe('a', { qos: 2 }))['granted'], [0])
  })

  it('refuses a will: 0x9B [MQTT-3.2.2-12], 0x9A [MQTT-3.2.2-13]; before 5.0 without an answer', async () => {
    await using broker = await under({ qosMax: 0, retainAvailable: false })
    const above = await broker.connect({ will: { ...will, qos: 1 } })
    assert.equal(above.connack?.['reasonCode'], 0x9b)
    const retained = await broker.connect({ will: { ...will, retain: true } })
    assert.equal(retained.connack?.['reasonCode'], 0x9a)
    await assert.rejects(broker.connect({ version: 4, will: { ...will, qos: 1 } }), /closed while waiting/)
    assert.equal((await broker.connect({ will })).connack?.['reasonCode'], 0)
  })

  it('ends a retained publish: 0x9A [MQTT-3.2.2-14]', async () => {
    await using broker = await under({ retainAvailable: false })
    const client = await broker.connect()
    client.publish('a', 'x', { retain: true })
    await ends(client, 0x9a)
    assert.equal(broker.broker.stats().retainedMessages, 0)
  })

  it('ends a SUBSCRIBE in 5.0, and refuses its filter before', async () => {
    await using broker = await under({
      wildcardSubscriptionAvailable: false,
      sharedSubscriptionAvailable: false,
      subscriptionIdentifiersAvailable: false,
    })
    const cases: readonly (readonly [string, number, Record<string, unknown>?])[] = [
      ['a/#', 0xa2],
      ['+', 0xa2],
      ['$share/g/a', 0x9e],
      ['a', 0xa1, { subscriptionIdentifier: 7 }],
    ]
    for (const [filter, code, given] of cases) {
      const client = await broker.connect()
      client.send({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [{ topic: filter, qos: 0, nl: false, rap: false, rh: 0 }],
        ...(given && { properties: given }),
      })
      await ends(client, code)
    }
    const old = await broker.connect({ version: 4 })
    assert.deepEqual((await old.subscribe('a/#'))['granted'], [0x80])
    assert.deepEqual((await old.subscribe('a'))['granted'], [0])
  })

  it('is no version that is switched off: 0x84, and 1 in 3.1.1 [MQTT-3.1.2-2]', async () => {
    await using onlyFive = await under({ acceptVersions: [5] })
    assert.equal((await onlyFive.connect({ version: 4 })).connack?.['returnCode'], 1)
    assert.equal((await onlyFive.connect()).connack?.['reasonCode'], 0)
    await using onlyFour = await under({ acceptVersions: [3, 4] })
    assert.equal((await onlyFour.connect()).connack?.['reasonCode'], 0x84)
    assert.equal((await onlyFour.connect({ version: 4 })).connack?.['returnCode'], 0)
  })
})

it('a listener offers what it says, over what the broker offers', async () => {
  const tcp = { protocol: 'mqtt', host: '127.0.0.1', port: 0 } as const
  await using broker = await brokerUnderTest({
    protocol: { qosMax: 1 },
    listeners: [
      { ...tcp, name: 'little', offers: { retainAvailable: false } },
      { ...tcp, name: 'all', offers: { qosMax: 2 } },
    ],
  })
  const told = await Promise.all(
    broker.broker.listeners.map(async ({ port }) => {
      await using client = await RawClient.connect(port)
      const { maximumQoS, retainAvailable } = properties(client.connack)
      return { maximumQoS, retainAvailable }
    }),
  )
  assert.deepEqual(told, [
    { maximumQoS: 1, retainAvailable: false },
    { maximumQoS: undefined, retainAvailable: undefined },
  ])
})

describe('a payload that says it is UTF-8', () => {
  const text = { payloadFormatIndicator: true }
  const bad = Buffer.from([0xc3, 0x28]).toString('latin1')

  it('is refused where it is not: PUBACK, PUBREC 0x99; DISCONNECT at QoS 0', async () => {
    await using broker = await under({ checkPayloadFormat: true })
    const watcher = await broker.connect()
    await watcher.subscribe('a', { qos: 2 })
    const client = await broker.connect()
    const payload = Buffer.from(bad, 'latin1')
    client.publish('a', '', { qos: 1, messageId: 1, payload, properties: text })
    const puback = await client.receive('puback')
    assert.equal(puback['reasonCode'], 0x99)
    assert.match(String(properties(puback)['reasonString']), /UTF-8/)
    client.publish('a', '', { qos: 2, messageId: 2, payload, properties: text })
    assert.equal((await client.receive('pubrec'))['reasonCode'], 0x99)
    client.publish('a', 'grün', { qos: 1, messageId: 3, properties: text })
    assert.equal((await client.receive('puback'))['reasonCode'], 0)
    client.publish('a', '', { qos: 1, messageId: 4, payload })
    assert.equal((await client.receive('puback'))['reasonCode'], 0, 'it says nothing of itself')
    client.publish('a', 'plain first')
    client.publish('a', '', { payload, properties: text })
    await ends(client, 0x99)
    const got = [await watcher.receive(), await watcher.receive(), await watcher.receive()]
    assert.deepEqual(
      got.map((packet) => String(packet['payload'])),
      ['grün', payload.toString(), 'plain first'],
    )
    const claim = await broker.connect({ will: { ...will, payload, properties: text } })
    assert.equal(claim.connack?.['reasonCode'], 0x99)
  })

  it('is passed on unchecked unless that is configured', async () => {
    await using broker = await under({})
    const client = await broker.connect()
    await client.subscribe('a')
    client.publish('a', '', { payload: Buffer.from([0xff]), properties: text })
    assert.deepEqual((await client.receive('publish'))['payload'], Buffer.from([0xff]))
  })
})

describe('a client that cannot be served here', () => {
  it('is told where else, for good: 0x9D', async () => {
    await using broker = await under({ serverMoved: true, serverReference: 'other:1883' })
    const { connack } = await broker.connect()
    assert.equal(connack?.['reasonCode'], 0x9d)
    assert.equal(properties(connack)['serverReference'], 'other:1883')
    assert.equal((await broker.connect({ version: 4 })).connack?.['returnCode'], 3)
  })

  it('is told where else while this one is full: 0x9C; 0x89 where there is no other', async () => {
    await using full = await brokerUnderTest({
      limits: { connectionsMax: 0 },
      protocol: { serverReference: 'other:1883' },
    })
    const { connack } = await full.connect()
    assert.deepEqual([connack?.['reasonCode'], properties(connack)['serverReference']], [0x9c, 'other:1883'])
    await using alone = await brokerUnderTest({ limits: { connectionsMax: 0 } })
    assert.equal((await alone.connect()).connack?.['reasonCode'], 0x89)
  })

  it('is told where else when this one shuts down: 0x9C', async () => {
    const broker = await under({ serverReference: 'other:1883' })
    const client = await RawClient.connect(broker.port)
    const farewell = client.receive('disconnect')
    await broker[Symbol.asyncDispose]()
    assert.equal((await farewell)['reasonCode'], 0x9c)
    assert.equal(properties(await farewell)['serverReference'], 'other:1883')
  })
})

describe('identifiers and information', () => {
  it('are given where the client has no name, with the prefix that is configured', async () => {
    await using broker = await under({ assignedClientIdPrefix: 'auto-' })
    const { connack } = await broker.connect()
    assert.match(String(properties(connack)['assignedClientIdentifier']), /^auto-[0-9a-f]{24}$/)
    await using strict = await under({ emptyClientIdAllowed: false })
    assert.equal((await strict.connect()).connack?.['reasonCode'], 0x85)
    assert.equal((await strict.connect({ version: 4 })).connack?.['returnCode'], 2)
  })

  it('about responses go to who asks [MQTT-3.1.2-28], unless its name would make a filter of them', async () => {
    await using broker = await under({ responseTopicPrefix: 'responses/' })
    const asks = { requestResponseInformation: true }
    const told = async (clientId: string, given: Record<string, unknown>) =>
      properties((await broker.connect({ clientId, properties: given })).connack)['responseInformation']
    assert.equal(await told('pump', asks), 'responses/pump')
    assert.equal(await told('pump', {}), undefined)
    assert.equal(await told('pump', { requestResponseInformation: false }), undefined)
    assert.equal(await told('a/#', asks), undefined)
  })

  it('about its log go to the bridge of another', async () => {
    await using broker = await under({})
    const told = async (given: Record<string, unknown>) =>
      properties((await broker.connect({ properties: given })).connack)['userProperties']
    assert.equal(await told({ userProperties: { unit: 'K' } }), undefined)
    assert.deepEqual(
      { ...((await told({ userProperties: { 'hawser-origin': 'log-1' } })) as object) },
      { 'hawser-origin': broker.log.id },
    )
  })
})
