/** What a group has handed out, when members leave and processes die. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BrokersUnderTest, brokersUnderTest, type OneOfBrokers } from '../../testing/brokers-under-test.ts'
import type { AnyPacket, RawClient } from '../../testing/raw-client.ts'

const filter = '$share/g/a/+'
const durable = (clientId: string) => ({ clientId, clean: false, properties: { sessionExpiryInterval: 3_600 } })
const payloads = (packets: readonly AnyPacket[]): string[] => packets.map((packet) => String(packet['payload']))
const upTo = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index + 1}`)
const sorted = (numbers: readonly string[]): string[] => numbers.toSorted((a, b) => Number(a) - Number(b))

async function publishAll(process: OneOfBrokers, sent: readonly string[], qos: 1 | 2 = 1): Promise<void> {
  const publisher = await process.connect({ clientId: `publisher-${sent[0]}` })
  for (const [index, payload] of sent.entries()) publisher.publish('a/b', payload, { qos, messageId: index + 1 })
  for (const _ of sent) await publisher.receive(qos === 1 ? 'puback' : 'pubrec')
  await publisher.disconnect()
}

/** The next `count` publishes; PUBRELs between them are answered. */
async function take(client: RawClient, count: number): Promise<AnyPacket[]> {
  const taken: AnyPacket[] = []
  while (taken.length < count) {
    const packet = await client.receive()
    if (packet.cmd === 'pubrel') client.send({ cmd: 'pubcomp', messageId: packet['messageId'] })
    else taken.push(packet)
  }
  return taken
}

const acknowledge = (client: RawClient, packets: readonly AnyPacket[], cmd: 'puback' | 'pubrec' = 'puback'): void => {
  for (const packet of packets) client.send({ cmd, messageId: packet['messageId'] })
}

/** Nothing more comes to any of them. */
async function assertQuiet(brokers: BrokersUnderTest, clients: readonly RawClient[]): Promise<void> {
  await brokers.pass(1.5)
  for (const client of clients) {
    assert.deepEqual(payloads((await client.untilPong()).filter(({ cmd }) => cmd === 'publish')), [])
  }
  assert.deepEqual(brokers.faults, [])
}

async function threeWith(
  brokers: BrokersUnderTest,
  qos: 1 | 2,
): Promise<{ processes: [OneOfBrokers, OneOfBrokers, OneOfBrokers]; members: [RawClient, RawClient] }> {
  const processes: [OneOfBrokers, OneOfBrokers, OneOfBrokers] = [
    await brokers.start(),
    await brokers.start(),
    await brokers.start(),
  ]
  const members: [RawClient, RawClient] = [
    await processes[1].connect(durable('second')),
    await processes[2].connect(durable('third')),
  ]
  for (const member of members) await member.subscribe(filter, { qos })
  return { processes, members }
}

describe('a member in another process', () => {
  it('gives back what it has not acknowledged, when its connection ends', async () => {
    await using brokers = brokersUnderTest()
    const { processes, members } = await threeWith(brokers, 1)
    const [second, third] = members
    await publishAll(processes[0], upTo(10))
    const held = await take(second, 5)
    const others = await take(third, 5)
    acknowledge(third, others)
    acknowledge(second, held.slice(0, 2))
    await second.untilPong()
    await second.vanish()
    const back = await take(third, 3)
    assert.deepEqual(payloads(back), payloads(held.slice(2)))
    acknowledge(third, back)
    await assertQuiet(brokers, [third])
  })

  it('gives back what it has not acknowledged, when its process dies', async () => {
    await using brokers = brokersUnderTest()
    const { processes, members } = await threeWith(brokers, 1)
    const [second, third] = members
    await publishAll(processes[0], upTo(10))
    const held = await take(second, 5)
    acknowledge(third, await take(third, 5))
    acknowledge(second, held.slice(0, 2))
    await second.untilPong()
    await brokers.pass(0.1)
    processes[1].kill()
    const back = await take(third, 3)
    assert.deepEqual(payloads(back), payloads(held.slice(2)))
    acknowledge(third, back)
    await assertQuiet(brokers, [third])
  })

  it('is passed over while its window is full, and goes on with each acknowledgement', async () => {
    await using brokers = brokersUnderTest()
    const [one, two] = [await brokers.start(), await brokers.start()]
    const slow = await two.connect({ clientId: 'slow', properties: { receiveMaximum: 4 } })
    await slow.subscribe(filter, { qos: 1 })
    await publishAll(one, upTo(30))
    const arrived: string[] = []
    for (let turn = 0; arrived.length < 30 && turn < 200; turn++) {
      await brokers.pass(0.1)
      const packets = await slow.untilPong()
      assert.ok(packets.length <= 4)
      arrived.push(...payloads(packets))
      acknowledge(slow, packets)
    }
    assert.deepEqual(sorted(arrived), upTo(30))
    await assertQuiet(brokers, [slow])
  })

  it('keeps a QoS 2 delivery that has begun, when its process dies', async () => {
    await using brokers = brokersUnderTest()
    const { processes, members } = await threeWith(brokers, 2)
    const [second, third] = members
    await publishAll(processes[0], upTo(10), 2)
    const begun = await take(second, 5)
    const others = await take(third, 5)
    acknowledge(third, others, 'pubrec')
    processes[1].kill()
    await assertQuiet(brokers, [third])
    const coming = processes[0].connect(durable('second'))
    await brokers.pass(1)
    const again = await coming
    const resent = await take(again, 5)
    assert.deepEqual(payloads(resent), payloads(begun))
    assert.ok(resent.every(({ dup }) => dup))
    acknowledge(again, resent, 'pubrec')
    await assertQuiet(brokers, [third, again])
  })
})

describe('the process that hands out', () => {
  for (const qos of [1, 2] as const) {
    it(`QoS ${qos}: is replaced by who adopts its lane, when it dies`, async () => {
      await using brokers = brokersUnderTest()
      const { processes, members } = await threeWith(brokers, qos)
      const [second, third] = members
      await publishAll(processes[0], upTo(10), qos)
      const cmd = qos === 1 ? 'puback' : 'pubrec'
      const held = await take(second, 5)
      acknowledge(third, await take(third, 5), cmd)
      await brokers.pass(2)
      processes[0].kill()
      await brokers.pass(2)
      acknowledge(second, held, cmd)
      await assertQuiet(brokers, members)
      await publishAll(processes[1], ['11', '12'], qos)
      for (const member of members) acknowledge(member, await take(member, 1), cmd)
      await assertQuiet(brokers, members)
    })
  }

  it('leaves what it had not handed out to who adopts its lane', async () => {
    await using brokers = brokersUnderTest()
    const { processes, members } = await threeWith(brokers, 1)
    for (const member of members) await member.vanish()
    await brokers.pass(2)
    await publishAll(processes[0], upTo(10))
    processes[0].kill()
    await brokers.pass(2)
    const coming = processes[2].connect(durable('second'))
    await brokers.pass(1)
    const again = await coming
    const backlog = await take(again, 10)
    assert.deepEqual(payloads(backlog), upTo(10))
    acknowledge(again, backlog)
    await assertQuiet(brokers, [again])
  })
})
