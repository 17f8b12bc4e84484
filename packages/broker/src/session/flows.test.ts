import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import { HeldCommits } from '../testing/held-commits.ts'
import { type AnyPacket, closed, type RawClient } from '../testing/raw-client.ts'

const propertiesOf = (packet: AnyPacket | undefined): Record<string, unknown> =>
  (packet?.['properties'] ?? {}) as Record<string, unknown>
const durable = { clientId: 'durable', clean: false, properties: { sessionExpiryInterval: 3_600 } }

async function ends(client: RawClient, code: number): Promise<void> {
  assert.equal((await client.receive('disconnect'))['reasonCode'], code)
  assert.equal(await client.next(), closed)
}

describe('the Receive Maximum of the broker', () => {
  it('counts QoS 1 and QoS 2 until PUBACK, PUBCOMP, or a PUBREC that refuses: 0x93 [MQTT-3.3.4-7]', async () => {
    const commits = new HeldCommits()
    await using under = await brokerUnderTest({ schedule: commits.schedule, limits: { receiveMaximum: 2 } })
    const client = await under.connect()
    assert.equal(propertiesOf(client.connack)['receiveMaximum'], 2)
    for (let round = 0; round < 3; round++) {
      client.publish('a', 'one', { qos: 1, messageId: 1 })
      client.publish('a', 'two', { qos: 2, messageId: 2 })
      await client.receive('puback')
      await client.receive('pubrec')
      client.send({ cmd: 'pubrel', messageId: 2 })
      await client.receive('pubcomp')
    }
    commits.hold()
    client.publish('a', 'one', { qos: 1, messageId: 1 })
    client.publish('a', 'two', { qos: 2, messageId: 2 })
    assert.deepEqual(await client.untilPong(), [])
    client.publish('a', 'three', { qos: 1, messageId: 3 })
    await ends(client, 0x93)
    commits.release()
  })

  it('is given back by what is refused', async () => {
    await using under = await brokerUnderTest({ limits: { receiveMaximum: 1 }, protocol: { checkPayloadFormat: true } })
    const client = await under.connect()
    const payload = Buffer.from([0xff])
    for (const messageId of [1, 2, 3]) {
      client.publish('a', '', { qos: 2, messageId, payload, properties: { payloadFormatIndicator: true } })
      assert.equal((await client.receive('pubrec'))['reasonCode'], 0x99)
    }
  })

  it('binds nobody who was not told of it: 100 publishes of QoS 2 in 3.1.1', async () => {
    await using under = await brokerUnderTest({ limits: { receiveMaximum: 2 } })
    const client = await under.connect({ version: 4 })
    for (let messageId = 1; messageId <= 100; messageId++) client.publish('a', 'x', { qos: 2, messageId })
    for (let messageId = 1; messageId <= 100; messageId++) {
      assert.equal((await client.receive('pubrec'))['messageId'], messageId)
    }
  })
})

describe('packet identifiers', () => {
  it('of a QoS 2 exchange are in use: 0x91 for PUBLISH, SUBSCRIBE and UNSUBSCRIBE', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect()
    client.publish('a', 'x', { qos: 2, messageId: 1 })
    await client.receive('pubrec')
    client.publish('a', 'y', { qos: 1, messageId: 1 })
    assert.equal((await client.receive('puback'))['reasonCode'], 0x91)
    assert.deepEqual((await client.subscribe('a'))['granted'], [0x91])
    client.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['a', 'b'] })
    assert.deepEqual((await client.receive('unsuback'))['granted'], [0x91, 0x91])
    client.send({ cmd: 'pubrel', messageId: 1 })
    assert.equal((await client.receive('pubcomp'))['reasonCode'], 0)
    assert.deepEqual((await client.subscribe('a'))['granted'], [0])
    assert.equal(under.broker.stats().counters.publishesCommitted, 1)
  })

  it('that nobody knows get 0x92 in PUBREL and PUBCOMP', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect()
    client.send({ cmd: 'pubrel', messageId: 7 })
    assert.equal((await client.receive('pubcomp'))['reasonCode'], 0x92)
    client.send({ cmd: 'pubrec', messageId: 7, reasonCode: 0 })
    assert.equal((await client.receive('pubrel'))['reasonCode'], 0x92)
    for (const cmd of ['puback', 'pubcomp']) client.send({ cmd, messageId: 7, reasonCode: 0 })
    assert.deepEqual(await client.untilPong(), [])
  })
})

describe('a filter that is subscribed to again', () => {
  const again = { qos: 1, nl: false, rap: false, rh: 1 }

  for (const [how, session] of [
    ['a session', {}],
    ['a durable session', durable],
  ] as const) {
    it(`is new once: in one SUBSCRIBE, and before the log has it; ${how} [MQTT-3.8.4-5] [MQTT-3.3.1-10]`, async () => {
      await using under = await brokerUnderTest()
      const publisher = await under.connect()
      publisher.publish('r', 'kept', { qos: 1, messageId: 1, retain: true })
      await publisher.receive('puback')
      const client = await under.connect(session)
      const filter = { topic: 'r', ...again }
      client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [filter, filter] })
      client.send({ cmd: 'subscribe', messageId: 2, subscriptions: [filter] })
      const packets = [await client.receive(), await client.receive(), await client.receive()]
      assert.deepEqual(packets.map(({ cmd }) => cmd).sort(), ['publish', 'suback', 'suback'])
      assert.deepEqual(await client.untilPong(), [])
    })
  }
})

describe('topic aliases of a client', () => {
  it('above the maximum, of 0, and unknown end the connection: 0x94, 0x94, 0x82', async () => {
    await using under = await brokerUnderTest({ limits: { topicAliasMaximum: 2 } })
    const publishing = async (topic: string, topicAlias: number): Promise<RawClient> => {
      const client = await under.connect()
      client.publish(topic, 'x', { properties: { topicAlias } })
      return client
    }
    await ends(await publishing('a', 3), 0x94)
    await ends(await publishing('', 3), 0x94)
    await ends(await publishing('', 2), 0x82)
    const zero = await under.connect()
    zero.socket.write(Buffer.from('3007000161032300 00'.replace(' ', ''), 'hex'))
    await ends(zero, 0x94)
  })

  it('end with the connection [MQTT-3.3.2-7]', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect(durable)
    client.publish('a', 'x', { properties: { topicAlias: 1 } })
    client.publish('', 'y', { properties: { topicAlias: 1 } })
    await client.untilPong()
    await client.vanish()
    const again = await under.connect(durable)
    again.publish('', 'z', { properties: { topicAlias: 1 } })
    await ends(again, 0x82)
  })
})

describe('explanations', () => {
  const invalid = { payload: Buffer.from([0xff]), properties: { payloadFormatIndicator: true } }
  const filters = { cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: 'a/b/c', qos: 0, nl: false, rap: false }] }
  const limits = { topicLevelsMax: 2 }

  for (const [asks, explains] of [
    [undefined, true],
    [true, true],
    [false, false],
  ] as const) {
    it(`are ${explains ? '' : 'not '}given with Request Problem Information ${asks} [MQTT-3.1.2-29]`, async () => {
      await using under = await brokerUnderTest({ limits, protocol: { checkPayloadFormat: true } })
      const properties = asks === undefined ? {} : { requestProblemInformation: asks }
      const client = await under.connect({ properties })
      client.publish('a', '', { qos: 1, messageId: 1, ...invalid })
      client.publish('a', '', { qos: 2, messageId: 2, ...invalid })
      client.send(filters)
      for (const cmd of ['puback', 'pubrec', 'suback']) {
        const packet = await client.receive(cmd)
        assert.equal(propertiesOf(packet)['reasonString'] !== undefined, explains, cmd)
      }
      client.publish('a', '', invalid)
      const farewell = await client.receive('disconnect')
      assert.match(String(propertiesOf(farewell)['reasonString']), /UTF-8/, 'always on DISCONNECT')
    })
  }

  it('go before the packet gets too large for the client [MQTT-3.4.2-2] [MQTT-3.9.2-1] [MQTT-3.14.2-3]', async () => {
    await using under = await brokerUnderTest({ limits, protocol: { checkPayloadFormat: true } })
    const client = await under.connect({ clientId: 'c', properties: { maximumPacketSize: 24 } })
    client.publish('a', '', { qos: 1, messageId: 1, ...invalid })
    client.send(filters)
    client.publish('a', '', invalid)
    for (const [cmd, code] of [
      ['puback', 0x99],
      ['suback', 0x8f],
      ['disconnect', 0x99],
    ] as const) {
      const packet = await client.receive(cmd)
      assert.equal(cmd === 'suback' ? (packet['granted'] as number[])[0] : packet['reasonCode'], code)
      assert.equal(propertiesOf(packet)['reasonString'], undefined)
    }
  })

  it('are no help where the packet itself is too large: 0x95', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect({ clientId: 'c', properties: { maximumPacketSize: 24 } })
    const subscriptions = Array.from({ length: 30 }, (_, n) => ({
      topic: `${n}`,
      qos: 0,
      nl: false,
      rap: false,
      rh: 0,
    }))
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions })
    await ends(client, 0x95)
  })
})

describe('what is said last', () => {
  it('arrives at a client that goes on writing', async () => {
    await using under = await brokerUnderTest()
    const client = await under.connect()
    const errors: Error[] = []
    client.socket.on('error', (error) => errors.push(error))
    client.socket.pause()
    client.publish('a/#', 'bad')
    // More than the broker reads at once: it closes over what it has not read.
    for (let n = 0; n < 64; n++) client.publish('a', 'x'.repeat(65_536))
    const watcher = await under.connect()
    while (under.broker.stats().counters.protocolFaults === 0) await watcher.untilPong()
    for (let n = 0; n < 64; n++) client.publish('a', 'x'.repeat(65_536))
    await watcher.untilPong()
    client.socket.resume()
    await ends(client, 0x90)
    assert.deepEqual(errors, [])
  })

  it('is cut off of the oldest, where too many leave their own side open', async () => {
    await using under = await brokerUnderTest({ limits: { closingMax: 2 } })
    const watcher = await under.connect()
    for (let n = 0; n < 4; n++) {
      const client = await under.connect()
      client.socket.allowHalfOpen = true
      client.publish('a/#', 'bad')
      assert.equal((await client.receive('disconnect'))['reasonCode'], 0x90)
    }
    const [listener] = under.broker.listeners
    while ((listener?.connections ?? 0) > 3) await watcher.untilPong()
    assert.equal(under.broker.stats().connections, 1)
  })

  it('is not cut off by those that came after, and have closed', async () => {
    await using under = await brokerUnderTest({ limits: { closingMax: 2 } })
    const watcher = await under.connect()
    const [listener] = under.broker.listeners
    const open = await under.connect()
    open.socket.allowHalfOpen = true
    open.publish('a/#', 'bad')
    assert.equal((await open.receive('disconnect'))['reasonCode'], 0x90)
    for (let n = 0; n < 4; n++) {
      const client = await under.connect()
      client.publish('a/#', 'bad')
      await ends(client, 0x90)
      // Its end is read before the first of these, and done with before the last.
      for (let pongs = 0; pongs < 3; pongs++) await watcher.untilPong()
      assert.equal(listener?.connections, 2)
    }
  })

  it('is not waited for where the client has taken its leave, though it keeps its side open', async () => {
    await using under = await brokerUnderTest()
    const watcher = await under.connect()
    const client = await under.connect()
    client.socket.allowHalfOpen = true
    client.publish('a', 'x', { qos: 1, messageId: 1 })
    assert.equal((await client.receive('puback'))['messageId'], 1)
    client.send({ cmd: 'pingreq' })
    client.send({ cmd: 'disconnect', reasonCode: 0 })
    await client.receive('pingresp')
    const [listener] = under.broker.listeners
    for (let pongs = 0; pongs < 3; pongs++) await watcher.untilPong()
    assert.equal(listener?.connections, 1)
    assert.equal(client.socket.closed, false)
  })
})

describe('the session expiry of DISCONNECT', () => {
  const resumed = async (under: Awaited<ReturnType<typeof brokerUnderTest>>): Promise<unknown> =>
    (await under.connect(durable)).connack?.['sessionPresent']

  it('may not be raised from 0: 0x82, and the will is published', async () => {
    await using under = await brokerUnderTest()
    const watcher = await under.connect()
    await watcher.subscribe('will')
    const will = { topic: 'will', payload: Buffer.from('gone'), qos: 0, retain: false }
    const client = await under.connect({ clientId: 'durable', will })
    client.send({ cmd: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 10 } })
    await ends(client, 0x82)
    assert.equal(String((await watcher.receive('publish'))['payload']), 'gone')
    assert.equal(await resumed(under), false)
  })

  it('goes by what CONNECT asked for, not by what the broker made of it', async () => {
    await using under = await brokerUnderTest({ limits: { sessionExpirySecondsMax: 0 } })
    const client = await under.connect(durable)
    assert.equal(propertiesOf(client.connack)['sessionExpiryInterval'], 0)
    client.send({ cmd: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 10 } })
    assert.equal(await client.next(), closed)
    assert.equal(await resumed(under), false)
  })

  it('may be lowered, and raised within the maximum', async () => {
    await using under = await brokerUnderTest()
    await (await under.connect(durable)).disconnect({ sessionExpiryInterval: 7_200 })
    const again = await under.connect(durable)
    assert.equal(again.connack?.['sessionPresent'], true)
    await again.disconnect({ sessionExpiryInterval: 0 })
    assert.equal(await resumed(under), false)
  })
})
