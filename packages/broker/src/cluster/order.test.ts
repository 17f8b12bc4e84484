/** A publisher that goes from process to process keeps its order, for who is there and for who comes later. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type MessageLog, recordKind } from '@hawser/engine'
import { brokersUnderTest, lateBy } from '../testing/brokers-under-test.ts'
import type { RawClient } from '../testing/raw-client.ts'

const moves = 20
const expected = Array.from({ length: moves }, (_, n) => n)

async function take(client: RawClient): Promise<number[]> {
  const got: number[] = []
  while (got.length < moves) {
    const { payload, messageId } = await client.receive('publish')
    got.push(Number(String(payload)))
    client.send({ cmd: 'puback', messageId })
  }
  return got
}

async function orders(seed: number, logOf?: (log: MessageLog) => MessageLog): Promise<number[][]> {
  await using brokers = brokersUnderTest({ seed, schedule: lateBy(seed, 40), ...(logOf && { logOf }) })
  const all = [await brokers.start(), await brokers.start(), await brokers.start()]
  const [, , three] = all
  assert.ok(three)
  const away = { clientId: 'away', clean: false, properties: { sessionExpiryInterval: 600 } }
  const leaving = await three.connect(away)
  await leaving.subscribe('t', { qos: 1 })
  await leaving.disconnect()
  const live = await three.connect({ clientId: 'live' })
  await live.subscribe('t', { qos: 1 })
  for (let n = 0; n < moves; n++) {
    const publisher = await all[n % 2]?.connect({ clientId: 'mover' })
    publisher?.publish('t', `${n}`, { qos: 1, messageId: 1 })
    await publisher?.receive('puback')
  }
  const heard = await take(live)
  return [heard, await take(await three.connect(away))]
}

/** Barriers are in the log and nobody heeds them. */
const withoutBarriers = (log: MessageLog): MessageLog =>
  new Proxy(log, {
    get(target, name) {
      if (name === 'reserve') {
        const reserve: MessageLog['reserve'] = (kind, ...rest) =>
          target.reserve(kind === recordKind.barrier ? 99 : kind, ...rest)
        return reserve
      }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

describe('a publisher that moves from process to process', () => {
  it('keeps its order', async () => {
    for (let seed = 1; seed <= 8; seed++) assert.deepEqual(await orders(seed), [expected, expected], `seed ${seed}`)
  })

  it('would not without barriers', async () => {
    let inOrder = 0
    for (let seed = 1; seed <= 4; seed++) {
      for (const got of await orders(seed, withoutBarriers)) if (String(got) === String(expected)) inOrder++
    }
    assert.ok(inOrder < 8)
  })
})
