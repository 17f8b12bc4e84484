import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { epochMicros } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import {
  type AccessControl,
  allowAll,
  anonymousIdentity,
  badCredentials,
  type Candidate,
  type ExchangeStep,
  type Identity,
} from '../access.ts'
import { type BrokerUnderTest, brokerUnderTest, type UnderTestOptions } from '../testing/broker-under-test.ts'
import { type AnyPacket, closed, RawClient } from '../testing/raw-client.ts'

const bytes = (text: string): Buffer => Buffer.from(text)
const propertiesOf = (packet: AnyPacket | undefined): Record<string, unknown> =>
  (packet?.['properties'] ?? {}) as Record<string, unknown>

/**
 * `COUNT`: the client says who it is and of how many steps, and answers each challenge with its number. What it may do
 * and until when is told by its name.
 */
class Counting implements AccessControl {
  readonly authenticate = allowAll.authenticate
  readonly onChange = allowAll.onChange
  /** A topic is read and written by its owner alone. */
  readonly authorize = (identity: Identity, _action: string, topic: string): boolean =>
    topic === 'anyone' || identity.roles.includes(topic)
  readonly #expiresAfterSeconds: number | undefined
  readonly #clock: ManualClock
  candidates: Candidate[] = []

  constructor(clock = new ManualClock(), expiresAfterSeconds?: number) {
    this.#clock = clock
    this.#expiresAfterSeconds = expiresAfterSeconds
  }

  exchange(method: string, candidate: Candidate) {
    if (method !== 'COUNT') return undefined
    this.candidates.push(candidate)
    let name = ''
    let left = 0
    let asked = 0
    return {
      next: async (data: Uint8Array | undefined): Promise<ExchangeStep> => {
        const text = Buffer.from(data ?? '').toString()
        if (text === 'fail') throw new Error('the method is broken')
        if (asked === 0) {
          const [first = '', steps = '1'] = text.split(' ')
          name = first
          left = Number(steps)
        } else if (text !== String(asked)) return badCredentials()
        if (left-- > 0) return { kind: 'continue', data: bytes(String(++asked)) }
        return { kind: 'accepted', identity: this.#identity(candidate, name), data: bytes(`welcome ${name}`) }
      },
    }
  }

  #identity(candidate: Candidate, name: string): Identity {
    const [username = '', ...roles] = name.split('+')
    const expires = this.#expiresAfterSeconds
    const expiresAt = expires === undefined ? undefined : epochMicros(this.#clock.wallMicros() + expires * 1e6)
    return { ...anonymousIdentity(candidate), username, roles, expiresAt }
  }
}

const under = (options: UnderTestOptions = {}): Promise<BrokerUnderTest> =>
  brokerUnderTest({ access: new Counting(), ...options })

async function begin(broker: BrokerUnderTest, data: string, method = 'COUNT', clientId = 'c'): Promise<RawClient> {
  const client = await RawClient.open(broker.port)
  client.send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 5,
    clientId,
    clean: true,
    keepalive: 0,
    properties: { authenticationMethod: method, authenticationData: bytes(data) },
  })
  return client
}

function auth(client: RawClient, reasonCode: number, data: string, method = 'COUNT'): void {
  const properties = { authenticationMethod: method, authenticationData: bytes(data) }
  client.send({ cmd: 'auth', reasonCode, properties })
}

/** Answers challenges until something else comes. */
async function answer(client: RawClient): Promise<AnyPacket> {
  for (;;) {
    const packet = await client.receive()
    if (packet.cmd !== 'auth' || packet['reasonCode'] !== 0x18) return packet
    assert.equal(propertiesOf(packet)['authenticationMethod'], 'COUNT')
    auth(client, 0x18, String(propertiesOf(packet)['authenticationData']))
  }
}

async function connected(broker: BrokerUnderTest, data: string, clientId = 'c'): Promise<RawClient> {
  const client = await begin(broker, data, 'COUNT', clientId)
  assert.equal((await answer(client))['reasonCode'], 0)
  return client
}

async function ends(client: RawClient, cmd: string, reasonCode: number): Promise<void> {
  const packet = await client.receive(cmd)
  assert.equal(packet['reasonCode'], reasonCode)
  assert.equal(await client.next(), closed)
}

describe('enhanced authentication at CONNECT', () => {
  it('goes through as many steps as the method wants, and ends with method and data in CONNACK', async () => {
    await using broker = await under()
    for (const steps of [0, 1, 3]) {
      await using client = await begin(broker, `ada ${steps}`)
      const connack = await answer(client)
      assert.deepEqual([connack.cmd, connack['reasonCode']], ['connack', 0])
      const { authenticationMethod, authenticationData } = propertiesOf(connack)
      assert.deepEqual([authenticationMethod, String(authenticationData)], ['COUNT', 'welcome ada'])
    }
    assert.equal(broker.broker.stats().counters.authentications.accepted, 3)
  })

  it('is refused with 0x8C where the method is not offered [MQTT-4.12.0-1]', async () => {
    await using broker = await under()
    await ends(await begin(broker, 'ada', 'PLAIN'), 'connack', 0x8c)
    assert.equal(broker.broker.stats().counters.authentications['bad-method'], 1)
  })

  it('is refused with the code of the method [MQTT-4.12.0-4]', async () => {
    await using broker = await under()
    const client = await begin(broker, 'ada')
    await client.receive('auth')
    auth(client, 0x18, 'wrong')
    await ends(client, 'connack', 0x86)
    assert.equal(broker.broker.stats().counters.authentications['bad-credentials'], 1)
    assert.equal(broker.broker.stats().sessionsOnline, 0)
  })

  it('is closed, not open, where the method breaks', async () => {
    const faults: string[] = []
    await using broker = await under({ onFault: (_, error) => faults.push(String(error)) })
    await ends(await begin(broker, 'fail'), 'connack', 0x80)
    assert.deepEqual(faults, ['Error: the method is broken'])
  })

  it('lets nothing but AUTH and DISCONNECT in between', async () => {
    await using broker = await under()
    const early = await begin(broker, 'ada')
    await early.receive('auth')
    early.send({ cmd: 'pingreq' })
    await ends(early, 'connack', 0x82)
    const pipelined = await begin(broker, 'ada')
    pipelined.publish('anyone', 'early')
    await pipelined.receive('auth')
    await ends(pipelined, 'connack', 0x82)
    const leaver = await begin(broker, 'ada')
    await leaver.receive('auth')
    leaver.send({ cmd: 'disconnect', reasonCode: 0 })
    assert.equal(await leaver.next(), closed)
  })

  it('keeps to its method and to the turns of the two sides [MQTT-4.12.0-5] [MQTT-4.12.0-3]', async () => {
    await using broker = await under()
    const other = await begin(broker, 'ada')
    await other.receive('auth')
    auth(other, 0x18, '1', 'OTHER')
    await ends(other, 'connack', 0x82)
    const again = await begin(broker, 'ada')
    await again.receive('auth')
    auth(again, 0x19, '1')
    await ends(again, 'connack', 0x82)
  })

  it('has so many steps and so much time', async () => {
    const clock = new ManualClock()
    await using broker = await under({ clock, limits: { authenticationStepsMax: 4 } })
    await using enough = await begin(broker, 'ada 3')
    assert.equal((await answer(enough))['reasonCode'], 0)
    await using many = await begin(broker, 'ada 4')
    assert.equal((await answer(many))['reasonCode'], 0x87)
    await using slow = await begin(broker, 'ada')
    await slow.receive('auth')
    clock.advance(11_000)
    assert.equal(await slow.next(), closed)
  })

  it('needs a method for AUTH: 0x82 without one in CONNECT [MQTT-4.12.0-7]', async () => {
    await using broker = await under()
    const client = await broker.connect()
    assert.equal(propertiesOf(client.connack)['authenticationMethod'], undefined, '[MQTT-4.12.0-6]')
    auth(client, 0x19, 'ada')
    await ends(client, 'disconnect', 0x82)
  })
})

describe('re-authentication', () => {
  it('gives new rights while other packets go on [MQTT-4.12.1-1]', async () => {
    await using broker = await under()
    const client = await connected(broker, 'ada')
    client.publish('secret', 'x', { qos: 1, messageId: 1 })
    assert.equal((await client.receive('puback'))['reasonCode'], 0x87)
    auth(client, 0x19, 'ada+secret 2')
    assert.equal((await client.receive('auth'))['reasonCode'], 0x18)
    client.publish('anyone', 'x', { qos: 1, messageId: 2 })
    assert.equal((await client.receive('puback'))['reasonCode'], 0)
    client.publish('secret', 'x', { qos: 1, messageId: 3 })
    assert.equal((await client.receive('puback'))['reasonCode'], 0x87, 'under the rights of before')
    auth(client, 0x18, '1')
    assert.equal((await client.receive('auth'))['reasonCode'], 0x18)
    auth(client, 0x18, '2')
    const done = await client.receive('auth')
    assert.deepEqual(
      [done['reasonCode'] ?? 0, String(propertiesOf(done)['authenticationData'])],
      [0, 'welcome ada+secret'],
    )
    client.publish('secret', 'x', { qos: 1, messageId: 4 })
    assert.equal((await client.receive('puback'))['reasonCode'], 0)
  })

  it('takes rights back too, those to its subscriptions among them', async () => {
    await using broker = await under()
    const client = await connected(broker, 'ada+secret')
    assert.deepEqual((await client.subscribe('secret'))['granted'], [0])
    auth(client, 0x19, 'ada 0')
    await client.receive('auth')
    const owner = await connected(broker, 'eve+secret', 'owner')
    owner.publish('secret', 'x')
    await owner.untilPong()
    assert.deepEqual(await client.untilPong(), [])
    assert.equal(broker.broker.stats().subscriptions, 0)
  })

  it('that fails ends the connection: 0x87 [MQTT-4.12.1-2]', async () => {
    await using broker = await under()
    const client = await connected(broker, 'ada')
    auth(client, 0x19, 'ada')
    await client.receive('auth')
    auth(client, 0x18, 'wrong')
    await ends(client, 'disconnect', 0x87)
  })

  it('as somebody else ends the connection: 0x87', async () => {
    await using broker = await under()
    const client = await connected(broker, 'ada')
    auth(client, 0x19, 'eve 0')
    await ends(client, 'disconnect', 0x87)
  })

  it('keeps to one at a time, to the method, and to the turns', async () => {
    await using broker = await under()
    const twice = await connected(broker, 'ada', 'twice')
    auth(twice, 0x19, 'ada')
    await twice.receive('auth')
    auth(twice, 0x19, 'ada')
    await ends(twice, 'disconnect', 0x82)
    const other = await connected(broker, 'ada', 'other')
    auth(other, 0x19, 'ada', 'OTHER')
    await ends(other, 'disconnect', 0x82)
    const unasked = await connected(broker, 'ada', 'unasked')
    auth(unasked, 0x18, 'ada')
    await ends(unasked, 'disconnect', 0x82)
  })

  it('takes no longer than a CONNECT may', async () => {
    const clock = new ManualClock()
    await using broker = await under({ clock })
    const client = await connected(broker, 'ada')
    auth(client, 0x19, 'ada')
    await client.receive('auth')
    clock.advance(9_000)
    assert.deepEqual(await client.untilPong(), [])
    clock.advance(3_000)
    await ends(client, 'disconnect', 0x87)
  })
})

describe('a credential that ends', () => {
  it('ends its connection: 0xA0; re-authentication renews it', async () => {
    const clock = new ManualClock()
    await using broker = await brokerUnderTest({ clock, access: new Counting(clock, 60) })
    const client = await connected(broker, 'ada')
    clock.advance(59_000)
    assert.deepEqual(await client.untilPong(), [])
    auth(client, 0x19, 'ada 0')
    assert.equal((await client.receive('auth'))['reasonCode'] ?? 0, 0)
    clock.advance(59_000)
    assert.deepEqual(await client.untilPong(), [])
    clock.advance(2_000)
    await ends(client, 'disconnect', 0xa0)
  })
})
