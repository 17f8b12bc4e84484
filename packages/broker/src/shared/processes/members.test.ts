/** One group over several processes: each message goes to one member, whichever process it is with. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AccessControl, allowAll } from '../../access.ts'
import { brokersUnderTest, type OneOfBrokers } from '../../testing/brokers-under-test.ts'
import type { AnyPacket, RawClient } from '../../testing/raw-client.ts'
import { sharedStrategies } from '../strategy.ts'

const filter = '$share/g/a/+'

async function member(process: OneOfBrokers, clientId: string, qos = 1): Promise<RawClient> {
  const client = await process.connect({ clientId })
  await client.subscribe(filter, { qos })
  return client
}

async function publishAll(publisher: RawClient, count: number, qos: 0 | 1 | 2): Promise<void> {
  for (let id = 1; id <= count; id++) publisher.publish(`a/${id % 10}`, `${id}`, { qos, messageId: id })
  if (qos === 0) return void (await publisher.untilPong())
  for (let id = 1; id <= count; id++) await publisher.receive(qos === 1 ? 'puback' : 'pubrec')
}

const pongsMax = 100

/** All that arrives, acknowledged, until so much has come to all of them. */
async function takeAll(members: readonly RawClient[], count: number): Promise<AnyPacket[][]> {
  const taken = members.map((): AnyPacket[] => [])
  for (let pongs = 0; taken.flat().length < count && pongs < pongsMax; pongs++) await takeOnce(members, taken)
  await takeOnce(members, taken)
  return taken
}

async function takeOnce(members: readonly RawClient[], taken: AnyPacket[][]): Promise<void> {
  for (const [index, client] of members.entries()) {
    for (const packet of await client.untilPong()) {
      if (packet.cmd === 'pubrel') client.send({ cmd: 'pubcomp', messageId: packet['messageId'] })
      if (packet.cmd !== 'publish') continue
      taken[index]?.push(packet)
      if (packet.qos > 0) client.send({ cmd: packet.qos === 1 ? 'puback' : 'pubrec', messageId: packet['messageId'] })
    }
  }
}

const numbers = (packets: readonly AnyPacket[]): number[] =>
  packets.map((packet) => Number(String(packet['payload']))).sort((a, b) => a - b)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

describe('a group over two processes', () => {
  for (const qos of [0, 1, 2] as const) {
    for (const strategy of sharedStrategies) {
      it(`QoS ${qos}, ${strategy}: each message comes to one member`, async () => {
        await using brokers = brokersUnderTest()
        const [one, two] = [
          await brokers.start({ shared: { strategy } }),
          await brokers.start({ shared: { strategy } }),
        ]
        const members = [await member(one, 'm1', qos), await member(two, 'm2', qos), await member(two, 'm3', qos)]
        const publisher = await one.connect({ clientId: 'p' })
        await publishAll(publisher, 60, qos)
        const taken = await takeAll(members, 60)
        assert.deepEqual(numbers(taken.flat()), upTo(60))
        const counts = taken.map(({ length }) => length)
        if (strategy === 'local-first') assert.deepEqual(counts, [60, 0, 0])
        if (strategy === 'round-robin') assert.deepEqual(counts, [20, 20, 20])
        if (strategy === 'sticky') assert.deepEqual(counts.toSorted(), [0, 0, 60])
        assert.deepEqual(brokers.faults, [])
        if (strategy === 'hash-client') assert.deepEqual(counts.toSorted(), [0, 0, 60])
      })
    }
  }

  it('gives QoS 2 to a member at the lower QoS, and what one may not read to another', async () => {
    await using brokers = brokersUnderTest()
    const access: AccessControl = {
      ...allowAll,
      authorize: ({ clientId }, action) => action !== 'receive' || clientId !== 'blind',
    }
    const [one, two] = [await brokers.start({ access }), await brokers.start({ access })]
    const members = [await member(two, 'blind', 1), await member(two, 'seeing', 1), await member(one, 'here', 0)]
    const publisher = await one.connect({ clientId: 'p' })
    await publishAll(publisher, 40, 2)
    const taken = await takeAll(members, 40)
    assert.deepEqual(numbers(taken.flat()), upTo(40))
    assert.equal(taken[0]?.length, 0)
    assert.ok(taken[1]?.every(({ qos }) => qos === 1) && taken[2]?.every(({ qos }) => qos === 0))
    assert.deepEqual(brokers.faults, [])
  })

  it('has no more unacknowledged in all processes than its bound', async () => {
    await using brokers = brokersUnderTest()
    const limits = { sharedInflightMax: 10 }
    const [one, two] = [await brokers.start({ limits }), await brokers.start({ limits })]
    const members = [await member(one, 'm1'), await member(two, 'm2')]
    for (const [index, process] of [one, two].entries()) {
      await publishAll(await process.connect({ clientId: `p${index}` }), 30, 1)
    }
    await brokers.pass(1.5)
    const waiting = await Promise.all(members.map((client) => client.untilPong()))
    assert.equal(waiting.flat().length, 10)
    for (const [index, client] of members.entries()) {
      for (const { messageId } of waiting[index] ?? []) client.send({ cmd: 'puback', messageId })
    }
    const rest = await takeAll(members, 50)
    assert.equal(rest.flat().length, 50)
  })
})
