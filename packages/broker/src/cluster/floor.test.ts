/** What a session without connection waits for is kept in the lanes of all, and let go once it has it. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { brokersUnderTest } from '../testing/brokers-under-test.ts'

it('a session that rests keeps what it needs of every lane, one born since included', async () => {
  await using brokers = brokersUnderTest()
  const one = await brokers.start()
  const two = await brokers.start()
  const durable = { clientId: 'away', clean: false, properties: { sessionExpiryInterval: 3_600 } }
  const client = await one.connect(durable)
  await client.subscribe('t', { qos: 1 })
  await client.vanish()
  await brokers.pass(6)
  const [before] = [two.broker.floor().get(two.member.log.own)]
  const three = await brokers.start()
  const say = async (): Promise<void> => {
    for (const { broker } of [one, two, three]) await broker.publish({ topic: 't', payload: Buffer.from('x'), qos: 1 })
  }
  const told = async (seconds: number): Promise<number[]> => {
    for (let step = 0; step < seconds; step += 5) {
      await brokers.pass(5)
      for (const { broker } of [one, two, three]) broker.floor()
    }
    const all = [one, two, three].map(({ broker }) => broker.floor())
    return [one, two, three].map(({ member }) => Math.min(...all.map((floor) => floor.get(member.log.own) ?? -1)))
  }
  await say()
  const kept = await told(40)
  assert.ok((kept[1] ?? 0) <= (before ?? 0), 'lane two is kept from where it rested')
  assert.equal(kept[2], 0, 'of a lane born since all is kept')
  const back = await three.connect(durable)
  for (let count = 0; count < 3; count++) {
    const { messageId } = await back.receive('publish')
    back.send({ cmd: 'puback', messageId })
  }
  await back.untilPong()
  await say()
  const gone = await told(40)
  assert.ok(
    gone.every((position, lane) => position > (kept[lane] ?? 0)),
    `${kept} is let go: ${gone}`,
  )
})
