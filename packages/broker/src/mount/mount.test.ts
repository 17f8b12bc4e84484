import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AccessAction, allowAll } from '../access.ts'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import { listenerOf } from '../testing/connect-mqtt.ts'
import { type AnyPacket, RawClient, type RawConnectOptions } from '../testing/raw-client.ts'
import type { ListenerOptions } from '../transport/listener-options.ts'

const at = { host: '127.0.0.1', port: 0 } as const
const listeners: readonly ListenerOptions[] = [
  { protocol: 'mqtt', name: 'root', ...at },
  { protocol: 'mqtt', name: 'plant', ...at, mountPoint: 'plant/7/' },
  { protocol: 'mqtt', name: 'other', ...at, mountPoint: 'plant/8/' },
]

interface Mounted extends AsyncDisposable {
  readonly under: BrokerUnderTest
  /** What was asked of access control, in order. */
  readonly asked: string[]
  connect(listener: string, options?: RawConnectOptions): Promise<RawClient>
  connectAll<const Names extends readonly string[]>(
    listeners: Names,
    options: RawConnectOptions,
  ): Promise<{ [Index in keyof Names]: RawClient }>
  /** Messages that a client behind a mount point had no name for. */
  dropped(): number
}

async function mounted(): Promise<Mounted> {
  const asked: string[] = []
  const access = {
    ...allowAll,
    authorize(_identity: unknown, action: AccessAction, topic: string) {
      asked.push(`${action} ${topic}`)
      return !topic.includes('forbidden')
    },
  }
  const under = await brokerUnderTest({ listeners, access, protocol: { sharedSubscriptionAvailable: true } })
  const clients = new AsyncDisposableStack()
  const connect = async (listener: string, options: RawConnectOptions = {}): Promise<RawClient> =>
    clients.use(await RawClient.connect(listenerOf(under.broker, listener).port, options))
  return {
    under,
    asked,
    connect,
    connectAll: async (names, options) =>
      (await Promise.all(names.map((name) => connect(name, options)))) as { [Index in keyof typeof names]: RawClient },
    dropped: () => under.broker.stats().counters.dropped['outside-mount-point'],
    async [Symbol.asyncDispose]() {
      await clients.disposeAsync()
      await under[Symbol.asyncDispose]()
    },
  }
}

describe('a mount point', () => {
  for (const version of [4, 5] as const) {
    it(`hides itself from its clients, level ${version}: publish, subscribe, deliver`, async () => {
      await using world = await mounted()
      const [root, plant, other] = await world.connectAll(['root', 'plant', 'other'], { version })
      for (const client of [root, plant, other]) await client.subscribe('#')
      plant.publish('pump/on', '0')
      const own = publishes(await plant.untilPong())
      plant.publish('pump/on', '1', { qos: 1, messageId: 7 })
      root.publish('plant/7/pump/off', '2')
      root.publish('plant/7/', 'nothing is left of this name')
      root.publish('plant/8/pump/on', '3')
      await root.untilPong()
      const { packets } = await untilPuback(plant)
      own.push(...packets, ...publishes(await plant.untilPong()))
      assert.deepEqual(told(own).toSorted(), ['pump/off 2', 'pump/on 0', 'pump/on 1'])
      assert.deepEqual(told(publishes(await other.untilPong())), ['pump/on 3'])
      assert.equal(world.dropped(), 1)
    })
  }

  it('stands before aliases, shared filters, retained messages and wills alike', async () => {
    await using world = await mounted()
    const root = await world.connect('root')
    const will = { topic: 'gone', payload: Buffer.from('farewell'), qos: 0, retain: false }
    const plant = await world.connect('plant', { will })
    await root.subscribe('plant/7/#', { rap: true })
    plant.publish('a', '1', { properties: { topicAlias: 1 } })
    plant.publish('', '2', { properties: { topicAlias: 1 } })
    plant.publish('kept', '3', { retain: true, qos: 1, messageId: 9 })
    await plant.receive('puback')
    const seen = publishes(await root.untilPong())
    assert.deepEqual(told(seen), ['plant/7/a 1', 'plant/7/a 2', 'plant/7/kept 3 retained'])
    const late = await world.connect('plant', { properties: { topicAliasMaximum: 4 } })
    await late.subscribe('kept')
    assert.deepEqual(told(publishes(await late.untilPong())), ['kept 3 retained'])
    await late.subscribe('$share/group/b')
    for (const payload of ['4', '5']) root.publish('plant/7/b', payload)
    await root.untilPong()
    const shared = publishes(await late.untilPong())
    // The second has the alias that the first has given the topic.
    assert.deepEqual(told(shared), ['b 4', ' 5'])
    await plant.vanish()
    const last = publishes(await root.untilPong())
    if (!told(last).includes('plant/7/gone farewell')) last.push(await root.receive('publish'))
    assert.equal(told(last).at(-1), 'plant/7/gone farewell')
  })

  it('is left by UNSUBSCRIBE, and a filter that is wrong in itself stays wrong', async () => {
    await using world = await mounted()
    const plant = await world.connect('plant')
    await plant.subscribe('a/+')
    plant.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['a/+', 'b'] })
    assert.deepEqual((await plant.receive('unsuback'))['granted'], [0, 0x11])
    assert.deepEqual((await plant.subscribe('$SYS/#'))['granted'], [0])
    assert.deepEqual(await plant.untilPong(), [])
    await assert.rejects(plant.subscribe('a#'), /disconnect instead of suback/)
  })

  it('is part of the topics that rights are asked for', async () => {
    await using world = await mounted()
    const plant = await world.connect('plant')
    await plant.subscribe('forbidden/#')
    plant.publish('allowed', '')
    plant.publish('forbidden', '', { qos: 1, messageId: 1 })
    assert.equal((await plant.receive('puback'))['reasonCode'], 0x87)
    assert.deepEqual(world.asked, [
      'subscribe plant/7/forbidden/#',
      'publish plant/7/allowed',
      'publish plant/7/forbidden',
    ])
  })

  for (const qos of [0, 1, 2] as const) {
    it(`keeps a session that began elsewhere from topics that it has no name for, QoS ${qos}`, async () => {
      await using world = await mounted()
      const session = { clientId: 'wanderer', clean: false, properties: { sessionExpiryInterval: 100 } }
      const first = await world.connect('other', session)
      await first.subscribe('a', { qos })
      await first.disconnect()
      const root = await world.connect('root')
      const publish = async (): Promise<void> => {
        root.publish('plant/8/a', 'for the other mount', { qos: 1, messageId: 1 })
        await root.receive('puback')
      }
      await publish()
      const second = await world.connect('plant', session)
      await publish()
      await root.untilPong()
      assert.deepEqual(await second.untilPong(), [])
      while (world.dropped() < (qos === 0 ? 1 : 2)) assert.deepEqual(await second.untilPong(), [])
      assert.equal(world.under.broker.stats().inflight, 0)
    })
  }
})

const told = (packets: readonly AnyPacket[]): string[] =>
  packets.map(({ topic, payload, retain }) => `${topic} ${payload}${retain === true ? ' retained' : ''}`)

const publishes = (packets: readonly AnyPacket[]): AnyPacket[] => packets.filter(({ cmd }) => cmd === 'publish')

async function untilPuback(client: RawClient): Promise<{ readonly packets: AnyPacket[] }> {
  const packets: AnyPacket[] = []
  for (;;) {
    const packet = await client.receive()
    if (packet.cmd === 'puback') return { packets }
    packets.push(packet)
  }
}
