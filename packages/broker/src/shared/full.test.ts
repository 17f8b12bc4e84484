/** Members that are full, slow, or may not have a message; and the bound of a group. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import type { AnyPacket, RawClient } from '../testing/raw-client.ts'
import { LateAnswers, type Rule, ScriptedAccess } from '../testing/scripted-access.ts'

const filter = '$share/g/#'
const payloads = (packets: readonly AnyPacket[]): string[] => packets.map((packet) => String(packet['payload']))
const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`)

async function publishAll(publisher: RawClient, topic: string, sent: readonly string[]): Promise<void> {
  for (const [index, payload] of sent.entries()) publisher.publish(topic, payload, { qos: 1, messageId: index + 1 })
  for (const _ of sent) await publisher.receive('puback')
}

describe('a shared subscription whose members are full', () => {
  it('leaves QoS 1 in the log past the bound of the group, and goes on with each acknowledgement', async () => {
    await using under = await brokerUnderTest({ limits: { sharedInflightMax: 5 } })
    const [one, two] = [await under.connect(), await under.connect()]
    const members = [one, two]
    for (const member of members) await member.subscribe(filter, { qos: 1 })
    const publisher = await under.connect()
    const sent = numbers(50)
    await publishAll(publisher, 'a', sent)
    const waiting = new Map([
      [one, await one.untilPong()],
      [two, await two.untilPong()],
    ])
    assert.equal([...waiting.values()].flat().length, 5)
    const arrived: string[] = []
    while (arrived.length < sent.length) {
      for (const member of members) {
        for (const packet of [...(waiting.get(member) ?? []), ...(await member.untilPong())]) {
          arrived.push(String(packet['payload']))
          member.send({ cmd: 'puback', messageId: packet['messageId'] })
        }
        waiting.delete(member)
      }
      assert.ok(under.broker.stats().inflight <= 5)
    }
    assert.deepEqual(arrived.sort(), sent.sort())
    for (const member of members) assert.deepEqual(await member.untilPong(), [])
    assert.equal(under.broker.stats().inflight, 0)
  })

  it('gives QoS 0 to the one that reads, and holds the publisher back where none does; nothing is lost', async () => {
    await using under = await brokerUnderTest({
      limits: { outputHighWaterBytes: 65_536, outputBytesMax: 64 << 20, slowReceiverMsMax: 3_600_000 },
    })
    const [stuck, healthy] = [await under.connect(), await under.connect()]
    for (const member of [stuck, healthy]) await member.subscribe(filter)
    stuck.socket.pause()
    const publisher = await under.connect()
    const count = 3_000
    for (let index = 0; index < count; index++) publisher.publish('a', `${index} ${'x'.repeat(10_000)}`)
    const indexOf = (packet: AnyPacket): number => Number.parseInt(String(packet['payload']), 10)
    const seen = new Set<number>()
    // Far more than an even share: the rest goes past the one that is stuck.
    while (seen.size < count / 2 + 500) seen.add(indexOf(await healthy.receive('publish')))
    healthy.socket.pause()
    const { outputBytesPending } = under.broker.stats()
    assert.ok(outputBytesPending < 8 << 20, `${outputBytesPending} bytes wait`)
    for (const member of [stuck, healthy]) member.socket.resume()
    const take = async (member: RawClient): Promise<void> => {
      for (let packet = await member.next(); typeof packet === 'object'; packet = await member.next()) {
        if (packet.cmd === 'publish') seen.add(indexOf(packet))
        if (seen.size === count) for (const each of [stuck, healthy]) each.socket.destroy()
      }
    }
    await Promise.all([take(stuck), take(healthy)])
    assert.equal(seen.size, count)
    assert.equal(under.broker.stats().counters.dropped['slow-receiver'], 0)
  })

  it('loses QoS 0, counted, where all of them are slow', async () => {
    await using under = await brokerUnderTest({
      limits: { outputHighWaterBytes: 65_536, outputBytesMax: 262_144, slowReceiverMsMax: 0 },
    })
    const members = [await under.connect(), await under.connect()]
    for (const member of members) {
      await member.subscribe(filter)
      member.socket.pause()
    }
    const publisher = await under.connect()
    const count = 3_000
    for (let index = 0; index < count; index++) publisher.publish('a', 'x'.repeat(10_000))
    await publisher.untilPong()
    const { counters } = under.broker.stats()
    assert.ok(counters.dropped['slow-receiver'] > 0)
    assert.equal(counters.dropped['slow-receiver'] + counters.publishesSent[0], count)
  })
})

describe('rights over a share', () => {
  const notTo =
    (username: string): Rule =>
    (user, action, topic) =>
      !(action === 'receive' && user === username && topic === 'secret')

  it('pass over a member that may not read the topic', async () => {
    await using under = await brokerUnderTest({ access: new ScriptedAccess(notTo('bob')) })
    const bob = await under.connect({ username: 'bob' })
    const ann = await under.connect({ username: 'ann' })
    for (const member of [bob, ann]) await member.subscribe(filter, { qos: 1 })
    const publisher = await under.connect()
    await publishAll(publisher, 'secret', numbers(4))
    for (const payload of numbers(4)) publisher.publish('secret', payload)
    await publisher.untilPong()
    assert.deepEqual(await bob.untilPong(), [])
    assert.deepEqual(payloads(await ann.untilPong()).sort(), [...numbers(4), ...numbers(4)].sort())
    await publishAll(publisher, 'open', numbers(4))
    assert.equal((await bob.untilPong()).length + (await ann.untilPong()).length, 4)
  })

  it('drop what no member may read, counted, and nothing waits behind it', async () => {
    await using under = await brokerUnderTest({ access: new ScriptedAccess(notTo('bob')) })
    const bob = await under.connect({ username: 'bob' })
    await bob.subscribe(filter, { qos: 1 })
    const publisher = await under.connect()
    await publishAll(publisher, 'secret', ['hidden'])
    publisher.publish('secret', 'hidden')
    await publishAll(publisher, 'open', ['seen'])
    assert.deepEqual(payloads(await bob.untilPong()), ['seen'])
    assert.equal(under.broker.stats().counters.dropped['not-authorized'], 2)
  })

  it('that somebody else is asked for leave QoS 1 in the log until the answer is there', async () => {
    const late = new LateAnswers()
    const access = new ScriptedAccess((_, action) => (action === 'receive' ? late.ask() : true))
    await using under = await brokerUnderTest({ access })
    const member = await under.connect()
    await member.subscribe(filter, { qos: 1 })
    const publisher = await under.connect()
    await publishAll(publisher, 'a', numbers(3))
    assert.deepEqual(await member.untilPong(), [])
    while (late.waiting === 0) await member.untilPong()
    late.answer(true)
    const got: AnyPacket[] = []
    while (got.length < 3) got.push(await member.receive('publish'))
    assert.deepEqual(payloads(got), numbers(3))
  })

  it('that are withdrawn from the subscription end the membership', async () => {
    const access = new ScriptedAccess(() => true)
    await using under = await brokerUnderTest({ access })
    const bob = await under.connect({ username: 'bob' })
    const ann = await under.connect({ username: 'ann' })
    for (const member of [bob, ann]) await member.subscribe(filter, { qos: 1 })
    access.change((user, action, topic) => !(action === 'subscribe' && user === 'bob' && topic === '#'))
    while (under.broker.stats().sharedSubscriptions > 1) await bob.untilPong()
    const publisher = await under.connect()
    await publishAll(publisher, 'a', numbers(4))
    assert.deepEqual(payloads(await ann.untilPong()), numbers(4))
    assert.deepEqual(await bob.untilPong(), [])
  })
})
