/**
 * Histories by a seed: durable members that move between processes, and processes that are killed and replaced, while
 * messages are published everywhere. What a publisher was told is safe comes to a member: at QoS 2 to one, once.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Random, seededRandom } from '@hawser/std'
import { type BrokersUnderTest, brokersUnderTest, type OneOfBrokers } from '../../testing/brokers-under-test.ts'
import type { AnyPacket, RawClient } from '../../testing/raw-client.ts'

const filter = '$share/g/a/+'
const processCount = 3
const memberCount = 4
const rounds = 40
const settleRoundsMax = 200

const stepsMax = 600

/** Lets time go on until it is settled. */
async function whileTimePasses<Value>(brokers: BrokersUnderTest, promise: Promise<Value>): Promise<Value> {
  let isSettled = false
  const settled = promise.finally(() => {
    isSettled = true
  })
  settled.catch(() => undefined)
  for (let step = 0; !isSettled; step++) {
    assert.ok(step < stepsMax, 'nothing comes, however much time passes')
    await brokers.pass(0.1)
  }
  return settled
}

class Ledger {
  readonly #deliveries = new Map<string, string[]>()
  readonly acknowledged = new Set<string>()

  deliver(payload: string, to: string): void {
    this.#deliveries.set(payload, [...(this.#deliveries.get(payload) ?? []), to])
  }

  get missing(): string[] {
    return [...this.acknowledged].filter((payload) => !this.#deliveries.has(payload))
  }

  get repeated(): string[] {
    return [...this.#deliveries].filter(([, to]) => to.length > 1).map(([payload, to]) => `${payload}: ${to}`)
  }
}

/** A client that keeps its packet ids over connections, as a durable session does. */
class Member {
  readonly #name: string
  readonly #qos: 1 | 2
  readonly #ledger: Ledger
  #client: RawClient | undefined
  #process: OneOfBrokers | undefined
  /** QoS 2, received and not released. */
  readonly #received = new Map<number, string>()

  constructor(name: string, qos: 1 | 2, ledger: Ledger) {
    this.#name = name
    this.#qos = qos
    this.#ledger = ledger
  }

  get away(): boolean {
    return this.#client === undefined || this.#process?.member.status === 'dead'
  }

  async come(brokers: BrokersUnderTest, process: OneOfBrokers): Promise<void> {
    const connecting = process
      .connect({ clientId: this.#name, clean: false, properties: { sessionExpiryInterval: 3_600, receiveMaximum: 20 } })
      .catch(() => undefined)
    const client = await whileTimePasses(brokers, connecting)
    if (client === undefined || client.connack?.['reasonCode'] !== 0) return
    this.#client = client
    this.#process = process
    client.send({
      cmd: 'subscribe',
      messageId: 60_000,
      subscriptions: [{ topic: filter, qos: this.#qos, nl: false, rap: false, rh: 0 }],
    })
    await brokers.pass(0.2)
  }

  async go(): Promise<void> {
    await this.#client?.vanish()
    this.#client = undefined
  }

  /** Takes what has come. `keeps`: how many of ten it does not acknowledge yet. */
  async take(brokers: BrokersUnderTest, random: Random, keeps: number): Promise<void> {
    const coming = this.away ? undefined : this.#client?.untilPong().catch(() => undefined)
    const packets = coming === undefined ? [] : await whileTimePasses(brokers, coming)
    if (packets === undefined) this.#client = undefined
    for (const packet of packets ?? []) this.#took(packet, random.integer(10) < keeps)
  }

  #took(packet: AnyPacket, isKept: boolean): void {
    const id = Number(packet['messageId'])
    if (packet.cmd === 'pubrel') {
      this.#received.delete(id)
      this.#client?.send({ cmd: 'pubcomp', messageId: id })
    }
    if (packet.cmd !== 'publish') return
    const payload = String(packet['payload'])
    if (this.#received.get(id) !== payload) this.#ledger.deliver(payload, this.#name)
    if (this.#qos === 2) this.#received.set(id, payload)
    if (!isKept) this.#client?.send({ cmd: this.#qos === 1 ? 'puback' : 'pubrec', messageId: id })
  }
}

class History {
  readonly #brokers: BrokersUnderTest
  readonly #random: Random
  readonly #qos: 1 | 2
  readonly #ledger = new Ledger()
  readonly #members: Member[]
  readonly #processes: OneOfBrokers[] = []
  #published = 0

  constructor(brokers: BrokersUnderTest, random: Random, qos: 1 | 2) {
    this.#brokers = brokers
    this.#random = random
    this.#qos = qos
    this.#members = Array.from({ length: memberCount }, (_, n) => new Member(`member-${n}`, qos, this.#ledger))
  }

  async run(): Promise<void> {
    for (let n = 0; n < processCount; n++) this.#processes.push(await this.#brokers.start())
    for (const member of this.#members) await member.come(this.#brokers, this.#any())
    for (let round = 0; round < rounds; round++) await this.#round()
    await this.#settle()
    assert.deepEqual(this.#ledger.missing, [], 'acknowledged to its publisher, and delivered to nobody')
    if (this.#qos === 2) assert.deepEqual(this.#ledger.repeated, [], 'delivered again')
    assert.deepEqual(this.#brokers.faults, [])
  }

  async #round(): Promise<void> {
    const random = this.#random
    if (random.integer(8) === 0) await this.#replace()
    await this.#publish(this.#any(), 1 + random.integer(12))
    for (const member of this.#members) {
      const turn = random.integer(8)
      if (member.away) {
        if (turn < 4) await member.come(this.#brokers, this.#any())
      } else if (turn === 0) {
        await member.go()
      } else if (turn === 1) {
        // Taken over by its own new connection, perhaps in another process.
        await member.come(this.#brokers, this.#any())
      } else {
        await member.take(this.#brokers, random, 3)
      }
    }
    await this.#brokers.pass(random.integer(15) / 10)
  }

  /** SIGKILL; another one comes before or after the others have adopted the lane. */
  async #replace(): Promise<void> {
    this.#processes.splice(this.#random.integer(this.#processes.length), 1)[0]?.kill()
    if (this.#random.integer(2) === 0) await this.#brokers.pass(1)
    this.#processes.push(await whileTimePasses(this.#brokers, this.#brokers.start()))
  }

  async #publish(process: OneOfBrokers, count: number): Promise<void> {
    const connecting = process.connect({ clientId: `publisher-${this.#published}` })
    const publisher = await whileTimePasses(this.#brokers, connecting)
    const byId = new Map<number, string>()
    for (let id = 1; id <= count; id++) {
      const payload = `${++this.#published}`
      byId.set(id, payload)
      publisher.publish(`a/${id % 3}`, payload, { qos: this.#qos, messageId: id })
    }
    // It dies with what is on its way, now and then.
    if (this.#random.integer(20) === 0 && this.#processes.length > 1) {
      this.#processes.splice(this.#processes.indexOf(process), 1)
      process.kill()
      this.#processes.push(await whileTimePasses(this.#brokers, this.#brokers.start()))
    }
    const coming = publisher.untilPong().catch(() => [])
    const answers = await whileTimePasses(this.#brokers, coming)
    for (const { cmd, messageId } of answers) {
      if (cmd === 'puback' || cmd === 'pubrec') this.#ledger.acknowledged.add(byId.get(Number(messageId)) ?? '')
    }
    await publisher.vanish()
  }

  async #settle(): Promise<void> {
    for (let round = 0; round < settleRoundsMax; round++) {
      for (const member of this.#members) {
        if (member.away) await member.come(this.#brokers, this.#any())
        await member.take(this.#brokers, this.#random, 0)
      }
      await this.#brokers.pass(0.5)
      if (round > 10 && this.#ledger.missing.length === 0) return
    }
  }

  #any(): OneOfBrokers {
    const process = this.#processes[this.#random.integer(this.#processes.length)]
    assert.ok(process)
    return process
  }
}

for (const qos of [1, 2] as const) {
  for (const seed of [1, 2, 3, 4, 5]) {
    it(`QoS ${qos}, seed ${seed}`, { timeout: 120_000 }, async () => {
      await using brokers = brokersUnderTest({ seed })
      await new History(brokers, seededRandom(seed), qos).run()
    })
  }
}
