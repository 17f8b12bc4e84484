import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import { closed, RawClient } from '../testing/raw-client.ts'
import { LateAnswers, ScriptedAccess } from '../testing/scripted-access.ts'

/** All that comes back for these bytes until the broker closes. */
async function answerTo({ port }: BrokerUnderTest, hex: string): Promise<string> {
  await using client = await RawClient.open(port)
  const chunks: Buffer[] = []
  client.socket.removeAllListeners('data')
  client.socket.on('data', (bytes) => chunks.push(bytes))
  client.socket.write(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
  if (!client.socket.closed) await once(client.socket, 'close')
  return Buffer.concat(chunks).toString('hex')
}

describe('a CONNECT that is refused by its form', () => {
  const cases: readonly (readonly [name: string, bytes: string, answer: RegExp])[] = [
    ['level 6: 0x84 in the form of 5.0 [MQTT-3.1.2-2]', '10 0d 0004 4d515454 06 02 0000 00 0000', /^20..0084/],
    ['level 2: 1 in the form of 3.1.1 v3.1.1 [MQTT-3.1.2-2]', '10 0c 0004 4d515454 02 02 0000 0000', /^20020001$/],
    [
      'a bridge of Mosquitto that tries its own level: 1, and it comes again without',
      '10 0c 0004 4d515454 84 02 0000 0000',
      /^20020001$/,
    ],
    ['another name: 1', '10 0c 0004 4d515458 04 02 0000 0000', /^20020001$/],
    ['a reserved flag in 5.0: 0x81 [MQTT-3.1.2-3]', '10 0d 0004 4d515454 05 03 0000 00 0000', /^20..0081/],
    ['a reserved flag in 3.1.1: closed v3.1.1 [MQTT-3.1.2-3]', '10 0c 0004 4d515454 04 03 0000 0000', /^$/],
    ['a password without a user name in 3.1.1: closed', '10 0e 0004 4d515454 04 42 0000 0000 0000', /^$/],
    [
      'authentication data without a method in 5.0: 0x82',
      '10 12 0004 4d515454 05 02 0000 05 16 0002 6161 0000',
      /^20..0082/,
    ],
    [
      'no identifier and no Clean Session in 3.1.1: 2 v3.1.1 [MQTT-3.1.3-8]',
      '10 0c 0004 4d515454 04 00 0000 0000',
      /^20020002$/,
    ],
    ['no identifier in 3.1: 2', '10 0e 0006 4d5149736470 03 02 0000 0000', /^20020002$/],
    ['a packet before CONNECT: closed [MQTT-3.1.0-1]', 'c0 00', /^$/],
  ]
  for (const [name, bytes, answer] of cases) {
    it(name, async () => {
      await using broker = await brokerUnderTest()
      assert.match(await answerTo(broker, bytes), answer)
      assert.equal(broker.broker.stats().counters.connectionsRefused, 1)
    })
  }

  it('an identifier of more than 23 characters is none in 3.1', async () => {
    await using broker = await brokerUnderTest()
    await using client = await RawClient.open(broker.port, 4)
    const id = Buffer.from('x'.repeat(30))
    client.socket.write(Buffer.concat([Buffer.from('102c00064d514973647003020000001e', 'hex'), id]))
    assert.equal((await client.receive('connack'))['returnCode'], 0)
  })

  it('a Maximum Packet Size that the CONNACK does not fit in is closed without one [MQTT-3.1.2-24]', async () => {
    await using broker = await brokerUnderTest()
    await assert.rejects(broker.connect({ properties: { maximumPacketSize: 10 } }), /closed while waiting/)
  })
})

describe('a client of 3.1', () => {
  it('speaks with those of 3.1.1 and 5.0, at every QoS, with retained messages and wills', async () => {
    await using broker = await brokerUnderTest()
    const will = { topic: 'will', payload: Buffer.from('gone'), qos: 0, retain: false }
    const old = await broker.connect({ version: 3, clientId: 'old', will })
    assert.equal(old.connack?.['returnCode'], 0)
    await old.subscribe('to/+', { qos: 2 })
    const now = await broker.connect()
    await now.subscribe('#', { qos: 2 })
    for (const qos of [0, 1, 2]) {
      now.publish('to/old', `${qos}`, { qos, messageId: 9, properties: { contentType: 'text/plain' } })
      const got = await old.receive('publish')
      assert.deepEqual([got['topic'], String(got['payload']), got['qos']], ['to/old', `${qos}`, qos])
    }
    await old.vanish()
    for (;;) {
      const packet = await now.receive()
      if (packet['topic'] !== 'will') continue
      assert.equal(String(packet['payload']), 'gone')
      return
    }
  })

  it('has no word for a refused filter: it is granted, and nothing comes of it', async () => {
    await using broker = await brokerUnderTest({ protocol: { wildcardSubscriptionAvailable: false } })
    const old = await broker.connect({ version: 3, clientId: 'old' })
    assert.deepEqual((await old.subscribe('#', { qos: 1 }))['granted'], [1])
    const publisher = await broker.connect()
    publisher.publish('a', 'x')
    await publisher.untilPong()
    assert.deepEqual(await old.untilPong(), [])
  })
})

/** The broker looks once a second, and after the sockets have been read. */
async function passMs(clock: ManualClock, ms: number): Promise<void> {
  clock.advance(ms)
  await new Promise((resolve) => setImmediate(resolve))
}

/** Writes and waits until the broker has read it. */
async function write(broker: BrokerUnderTest, client: RawClient, bytes: Buffer): Promise<void> {
  const received = (): number => broker.broker.stats().counters.bytesReceived
  const before = received()
  client.socket.write(bytes)
  while (received() < before + bytes.length) await new Promise((resolve) => setImmediate(resolve))
}

describe('keep alive', () => {
  it('ends a silent connection never before 1.5 times, and at most a tick after [MQTT-3.1.2-22]', async () => {
    for (const phaseMs of [0, 1, 499, 500, 999]) {
      const clock = new ManualClock()
      await using broker = await brokerUnderTest({ clock })
      clock.advance(phaseMs)
      const client = await broker.connect({ keepalive: 3 })
      let gone = false
      client.socket.once('close', () => {
        gone = true
      })
      await passMs(clock, 4_500)
      assert.deepEqual(await client.untilPong(), [], `${phaseMs}: not at 1.5 times`)
      await passMs(clock, 4_500)
      assert.equal(gone, false, `${phaseMs}: nor at 1.5 times after the PINGREQ`)
      await passMs(clock, 1_000)
      assert.equal((await client.receive('disconnect'))['reasonCode'], 0x8d, `${phaseMs}`)
    }
  })

  it('is not served by half a packet, nor by many', async () => {
    const clock = new ManualClock()
    await using broker = await brokerUnderTest({ clock })
    const client = await broker.connect({ keepalive: 2 })
    const half = Buffer.from('30ff7f0001', 'hex')
    for (let second = 0; second < 4; second++) {
      await write(broker, client, second === 0 ? half : Buffer.from('61', 'hex'))
      await passMs(clock, 1_000)
    }
    assert.equal((await client.receive('disconnect'))['reasonCode'], 0x8d)
  })

  it('is served by any packet', async () => {
    const clock = new ManualClock()
    await using broker = await brokerUnderTest({ clock })
    const client = await broker.connect({ keepalive: 2 })
    for (const packet of ['3005000161007a', '40020009', 'c000', '62020009']) {
      await write(broker, client, Buffer.from(packet, 'hex'))
      await passMs(clock, 2_900)
    }
    assert.equal((await client.receive('pingresp')).cmd, 'pingresp')
    assert.equal((await client.receive('pubcomp'))['reasonCode'], 0x92)
  })

  it('of 0 is for ever; of 3.1.1 closes without a word', async () => {
    const clock = new ManualClock()
    await using broker = await brokerUnderTest({ clock })
    const forEver = await broker.connect()
    const old = await broker.connect({ version: 4, keepalive: 1 })
    await passMs(clock, 1_000_000)
    assert.equal(await old.next(), closed)
    assert.deepEqual(await forEver.untilPong(), [])
  })

  it('is the server’s where the client’s is longer [MQTT-3.2.2-21]', async () => {
    const clock = new ManualClock()
    await using broker = await brokerUnderTest({ clock, limits: { keepAliveSecondsMax: 10 } })
    const client = await broker.connect({ keepalive: 0 })
    assert.equal((client.connack?.['properties'] as { serverKeepAlive?: number } | undefined)?.serverKeepAlive, 10)
    await passMs(clock, 16_001)
    assert.equal((await client.receive('disconnect'))['reasonCode'], 0x8d)
  })

  it('holds on a real clock', async () => {
    await using broker = await brokerUnderTest()
    const startedAtMs = performance.now()
    const client = await broker.connect({ keepalive: 1 })
    assert.equal((await client.receive('disconnect'))['reasonCode'], 0x8d)
    assert.ok(performance.now() - startedAtMs >= 1_500, 'never before 1.5 times')
  })
})

it('what comes behind a CONNECT stays in the network until it is answered, but for two reads', async () => {
  const late = new LateAnswers()
  await using under = await brokerUnderTest({ access: new ScriptedAccess(() => late.ask()) })
  const { counters } = under.broker.stats()
  await using client = await RawClient.open(under.port, 4)
  const will = { topic: 'will', payload: Buffer.from('gone'), qos: 0, retain: false }
  const connect = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'hasty', clean: true, will }
  client.send({ ...connect, keepalive: 0 })
  for (let n = 0; n < 64; n++) client.send({ cmd: 'pingreq' })
  const pings = Buffer.alloc(8 * 1_048_576)
  for (let at = 0; at < pings.length; at += 2) pings[at] = 0xc0
  client.socket.write(pings)
  await using other = await RawClient.connect(under.port)
  for (let n = 0; n < 100; n++) await other.untilPong()
  const bytesBefore = under.broker.stats().counters.bytesReceived - counters.bytesReceived
  assert.ok(bytesBefore > 0 && bytesBefore < 200_000, `${bytesBefore} bytes were read`)
  late.answer(true)
  assert.equal((await client.receive('connack'))['returnCode'], 0)
  for (let n = 0; n < 1_000; n++) await client.receive('pingresp')
})
