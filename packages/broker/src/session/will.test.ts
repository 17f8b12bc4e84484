import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import mqtt from 'mqtt-packet'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import type { AnyPacket } from '../testing/raw-client.ts'

const userProperties = { b: ['2', '3'], a: '1' }
const will = {
  topic: 'will',
  payload: Buffer.from('grün'),
  qos: 2,
  retain: true,
  properties: {
    willDelayInterval: 10,
    messageExpiryInterval: 100,
    payloadFormatIndicator: true,
    contentType: 'text/plain',
    responseTopic: 'answer',
    correlationData: Buffer.from([0, 255]),
    userProperties,
  },
}
const durable = { clientId: 'leaver', clean: false, properties: { sessionExpiryInterval: 3_600 }, will }

async function passSeconds(clock: ManualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** All that the client said of it, and about the rest of its expiry; the delay is the broker's alone. */
function assertWhole(packet: AnyPacket, aboutSeconds: number): void {
  const { properties, ...rest } = packet as AnyPacket & { properties: Record<string, unknown> }
  assert.deepEqual([rest['topic'], String(rest['payload']), rest['qos']], ['will', 'grün', 2])
  const { userProperties: pairs, messageExpiryInterval, ...single } = properties
  assert.ok(Math.abs(Number(messageExpiryInterval) - aboutSeconds) <= 3, `${messageExpiryInterval}`)
  assert.deepEqual(single, {
    payloadFormatIndicator: true,
    contentType: 'text/plain',
    responseTopic: 'answer',
    correlationData: Buffer.from([0, 255]),
  })
  assert.deepEqual({ ...(pairs as object) }, userProperties)
  assert.deepEqual(Object.keys(pairs as object), ['b', 'a'], 'in their order')
}

const comebacks: Record<string, (under: BrokerUnderTest) => Promise<BrokerUnderTest>> = {
  'the same broker': async (under) => under,
  'a restart': (under) => under.restart(),
  'a crash': (under) => under.crash(),
}

for (const [how, comeBack] of Object.entries(comebacks)) {
  it(`a will keeps all its properties: ${how} [MQTT-3.1.2-8]`, async () => {
    const clock = new ManualClock()
    const first = await brokerUnderTest({ clock })
    const leaver = await first.connect(durable)
    await leaver.vanish()
    // The broker has seen it go once another's round trip is over.
    await (await first.connect()).untilPong()
    await using under = await comeBack(first)
    const watcher = await under.connect()
    await watcher.subscribe('will', { qos: 2, rap: true })
    await passSeconds(clock, 9)
    assert.deepEqual(await watcher.untilPong(), [])
    await passSeconds(clock, 3)
    const packet = await watcher.receive('publish')
    assert.equal(packet.retain, true)
    assertWhole(packet, 100)
    await passSeconds(clock, 30)
    const late = await under.connect()
    await late.subscribe('will', { qos: 2 })
    assertWhole(await late.receive('publish'), 70)
    assert.equal(under.broker.stats().counters.willsPublished, 1)
  })
}

describe('a will', () => {
  it('expires before it is delivered to who was away for too long', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock })
    const watcher = { clientId: 'watcher', clean: false, properties: { sessionExpiryInterval: 3_600 } }
    const away = await under.connect(watcher)
    await away.subscribe('will', { qos: 2 })
    await away.disconnect()
    await (await under.connect({ ...durable, will: { ...will, retain: false } })).vanish()
    await (await under.connect()).untilPong()
    await passSeconds(clock, 115)
    const again = await under.connect(watcher)
    assert.deepEqual(await again.untilPong(), [])
    assert.equal(under.broker.stats().counters.dropped.expired, 1)
  })

  it('is withdrawn by DISCONNECT over WebSocket too', async () => {
    await using under = await brokerUnderTest()
    const watcher = await under.connect()
    await watcher.subscribe('will', { qos: 2 })
    const socket = new WebSocket(`ws://127.0.0.1:${under.webSocketPort}/`, 'mqtt')
    socket.binaryType = 'arraybuffer'
    await once(socket, 'open')
    const connect = {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 5,
      clientId: 'web',
      clean: true,
      keepalive: 0,
    }
    const own = { ...will, qos: 0 as const, properties: {} }
    socket.send(new Uint8Array(mqtt.generate({ ...connect, will: own } as never, { protocolVersion: 5 })))
    await once(socket, 'message')
    socket.send(Uint8Array.of(0xe0, 0))
    await once(socket, 'close')
    assert.deepEqual(await watcher.untilPong(), [])
  })

  it('goes to 3.1.1 without properties', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock })
    const watcher = await under.connect({ version: 4 })
    await watcher.subscribe('will', { qos: 2 })
    await (await under.connect({ ...durable, clientId: 'other' })).vanish()
    await watcher.untilPong()
    await passSeconds(clock, 12)
    const packet = await watcher.receive('publish')
    assert.deepEqual([String(packet['payload']), packet['properties'], packet.retain], ['grün', undefined, false])
  })

  it('of a client that the broker disconnects is published at once, and its delay kept', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock })
    const watcher = await under.connect()
    await watcher.subscribe('will', { qos: 2 })
    const faulty = await under.connect({ ...durable, properties: {} })
    faulty.publish('a/#', 'x')
    assert.equal((await faulty.receive('disconnect'))['reasonCode'], 0x90)
    assertWhole(await watcher.receive('publish'), 100)
    const kicked = await under.connect(durable)
    under.broker.kick('leaver')
    assert.equal((await kicked.receive('disconnect'))['reasonCode'], 0x98)
    await passSeconds(clock, 9)
    assert.deepEqual(await watcher.untilPong(), [])
    await passSeconds(clock, 3)
    await watcher.receive('publish')
  })
})
