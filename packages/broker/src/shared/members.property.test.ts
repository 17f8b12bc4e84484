/**
 * Members that come and go at random, by a seed, while messages are published. Each message is acknowledged once; it
 * was delivered once, and once more for each time that a member left without having acknowledged it. A crash of the
 * broker may repeat what was acknowledged at QoS 1, and loses nothing; at QoS 2 a message stays one session's.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Random, seededRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import type { AnyPacket, RawClient } from '../testing/raw-client.ts'

const filter = '$share/g/a/+'
/** Small where the broker crashes, so that crashes meet checkpoints in every way. */
const batchMax = (crashes: boolean): number => (crashes ? 60 : 500)
const roundsMax = 20_000

/** What the clients saw. */
class Ledger {
  readonly #deliveries = new Map<string, number>()
  readonly #heldAtLeave = new Map<string, number>()
  readonly #owners = new Map<string, string>()
  readonly #faults: string[] = []
  readonly acknowledged = new Set<string>()
  readonly qos: number
  /** The broker crashes on the way. */
  readonly crashes: boolean

  constructor(qos: number, crashes: boolean) {
    this.qos = qos
    this.crashes = crashes
  }

  deliver(payload: string, to: string): void {
    const owner = this.#owners.get(payload) ?? to
    const mayRepeat = this.crashes && this.qos === 1
    if (this.acknowledged.has(payload) && !mayRepeat)
      this.#faults.push(`${payload} came to ${to} after its acknowledgement`)
    // [MQTT-4.8.2-5]
    if (this.qos === 2 && owner !== to) this.#faults.push(`${payload} came to ${to} and had begun at ${owner}`)
    this.#owners.set(payload, owner)
    this.#deliveries.set(payload, (this.#deliveries.get(payload) ?? 0) + 1)
  }

  leave(payload: string): void {
    this.#heldAtLeave.set(payload, (this.#heldAtLeave.get(payload) ?? 0) + 1)
  }

  check(total: number): void {
    assert.deepEqual(this.#faults, [])
    assert.equal(this.acknowledged.size, total)
    if (this.crashes) return
    for (const [payload, times] of this.#deliveries) {
      assert.equal(times, 1 + (this.#heldAtLeave.get(payload) ?? 0), `deliveries of ${payload}`)
    }
  }
}

/** A client that may be away. It keeps some messages unacknowledged, until it is told to keep none. */
class Member {
  readonly #name: string
  readonly #durable: boolean
  readonly #ledger: Ledger
  readonly #random: Random
  #client: RawClient | undefined
  /** By packet id. */
  #held = new Map<number, string>()
  #released = new Map<number, string>()

  constructor(name: string, durable: boolean, ledger: Ledger, random: Random) {
    this.#name = name
    this.#durable = durable
    this.#ledger = ledger
    this.#random = random
  }

  get away(): boolean {
    return this.#client === undefined
  }

  async come(under: BrokerUnderTest): Promise<void> {
    const receiveMaximum = 1 + this.#random.integer(100)
    this.#client = await under.connect({
      clientId: this.#name,
      clean: !this.#durable,
      properties: { receiveMaximum, ...(this.#durable && { sessionExpiryInterval: 3_600 }) },
    })
    this.#client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: filter, qos: this.#ledger.qos, nl: false, rap: false, rh: 0 }],
    })
  }

  /** Takes what has come; answers how much that was. */
  async take(keepsNone: boolean): Promise<number> {
    const packets = (await this.#client?.untilPong()) ?? []
    for (const packet of packets) this.#take(packet, keepsNone)
    if (keepsNone) for (const [id, payload] of this.#held) this.#acknowledge(id, payload)
    return packets.length
  }

  async go(): Promise<void> {
    // What was acknowledged has reached the broker when nothing more comes.
    while ((await this.take(false)) > 0);
    await this.#client?.vanish()
    this.isGone()
  }

  isGone(): void {
    this.#client = undefined
    for (const payload of this.#held.values()) this.#ledger.leave(payload)
    this.#held = new Map()
  }

  #take(packet: AnyPacket, keepsNone: boolean): void {
    const id = Number(packet['messageId'])
    if (packet.cmd === 'pubrel') {
      this.#client?.send({ cmd: 'pubcomp', messageId: id })
      this.#ledger.acknowledged.add(this.#released.get(id) ?? '')
    }
    if (packet.cmd !== 'publish') return
    const payload = String(packet['payload'])
    this.#ledger.deliver(payload, this.#name)
    this.#held.set(id, payload)
    if (keepsNone || this.#random.integer(20) > 0) this.#acknowledge(id, payload)
  }

  #acknowledge(id: number, payload: string): void {
    this.#held.delete(id)
    if (this.#ledger.qos === 2) {
      this.#released.set(id, payload)
      this.#client?.send({ cmd: 'pubrec', messageId: id })
    } else {
      this.#client?.send({ cmd: 'puback', messageId: id })
      this.#ledger.acknowledged.add(payload)
    }
  }
}

async function publish(publisher: RawClient, from: number, count: number, qos: number): Promise<void> {
  for (let id = 1; id <= count; id++) {
    publisher.publish(`a/${id % 7}`, `${from + id - 1}`, { qos, messageId: id })
  }
  for (let id = 1; id <= count; id++) {
    await publisher.receive(qos === 1 ? 'puback' : 'pubrec')
    if (qos === 2) publisher.send({ cmd: 'pubrel', messageId: id })
  }
  if (qos === 2) for (let id = 1; id <= count; id++) await publisher.receive('pubcomp')
}

async function run(total: number, ledger: Ledger, members: readonly Member[], random: Random): Promise<void> {
  const clock = new ManualClock()
  let under = await brokerUnderTest({ clock })
  let publisher = await under.connect()
  // The group is there before the first message, and as long as this one's session.
  await members[0]?.come(under)
  await members[0]?.take(false)
  let published = 0
  for (let round = 0; ledger.acknowledged.size < total; round++) {
    assert.ok(round < roundsMax, `${ledger.acknowledged.size} of ${published} arrived`)
    const isOver = published === total
    const count = Math.min(total - published, random.integer(batchMax(ledger.crashes)))
    await publish(publisher, published, count, ledger.qos)
    published += count
    if (random.integer(2) === 0) clock.advance(1_000)
    if (ledger.crashes && !isOver && random.integer(25) === 0) {
      do under = await under.crash()
      while (random.integer(3) === 0)
      publisher = await under.connect()
      for (const member of members) member.isGone()
    }
    for (const member of members) {
      if (member.away) {
        if (isOver || random.integer(3) === 0) await member.come(under)
      } else if (!isOver && random.integer(10) === 0) {
        await member.go()
      } else {
        await member.take(isOver)
      }
    }
  }
  for (const member of members) await member.go()
  ledger.check(total)
  assert.equal(under.broker.stats().counters.dropped['behind-log'], 0)
  await under[Symbol.asyncDispose]()
}

const membersOf = (count: number, ledger: Ledger, random: Random, areDurable: boolean): Member[] =>
  Array.from({ length: count }, (_, n) => new Member(`member-${n}`, areDurable || n % 2 === 0, ledger, random))

it('QoS 1: nothing is lost, and nothing comes twice but what was given back', async () => {
  const random = seededRandom(11)
  const ledger = new Ledger(1, false)
  await run(100_000, ledger, membersOf(6, ledger, random, false), random)
})

it('QoS 2: each message is one session’s', async () => {
  const random = seededRandom(12)
  const ledger = new Ledger(2, false)
  await run(10_000, ledger, membersOf(4, ledger, random, true), random)
})

for (const seed of [13, 14]) {
  it(`QoS 1, with crashes of the broker, seed ${seed}: nothing is lost`, async () => {
    const random = seededRandom(seed)
    const ledger = new Ledger(1, true)
    await run(5_000, ledger, membersOf(5, ledger, random, false), random)
  })

  it(`QoS 2, with crashes of the broker, seed ${seed}: each message is one session’s, once`, async () => {
    const random = seededRandom(seed)
    const ledger = new Ledger(2, true)
    await run(4_000, ledger, membersOf(4, ledger, random, true), random)
  })
}
