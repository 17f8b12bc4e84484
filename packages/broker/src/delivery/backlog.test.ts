import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  appendBarrier,
  appendPublish,
  type MessageLog,
  neverExpires,
  type Partition,
  packedSource,
  position,
  recordEnd,
} from '@hawser/engine'
import { createMemoryLog } from '@hawser/engine/memory'
import { epochMicros, type SessionNumber } from '@hawser/std'
import { boundedFloor } from '../journal/floor.ts'
import { defaultLimits, type Limits } from '../limits/limits.ts'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import { backlogExcess } from './backlog.ts'

const durable = { clientId: 'away', clean: false, properties: { sessionExpiryInterval: 3_600 } }

/** Ten messages for a session that is away, with others between them; what it gets, and what was dropped. */
async function backlogOf(limits: Partial<Limits>, comeBack: (under: BrokerUnderTest) => Promise<BrokerUnderTest>) {
  const first = await brokerUnderTest({ limits, systemTopicSeconds: 0 })
  const subscriber = await first.connect(durable)
  await subscriber.subscribe('a', { qos: 1 })
  await subscriber.disconnect()
  const publisher = await first.connect()
  for (let n = 0; n < 10; n++) {
    for (const topic of ['a', 'other']) publisher.publish(topic, `${n}`.padEnd(100), { qos: 1, messageId: 1 })
    for (let answer = 0; answer < 2; answer++) await publisher.receive('puback')
  }
  await using under = await comeBack(first)
  const again = await under.connect(durable)
  const got: string[] = []
  while (got.at(-1) !== '9') got.push(String((await again.receive('publish'))['payload']).trim())
  assert.deepEqual(await again.untilPong(), [])
  return { got, dropped: under.broker.stats().counters.dropped['backlog-limit'] }
}

const all = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']

for (const [how, comeBack] of Object.entries({
  'the same broker': async (under: BrokerUnderTest) => under,
  'a restart': (under: BrokerUnderTest) => under.restart(),
  'a crash': (under: BrokerUnderTest) => under.crash(),
})) {
  describe(`the backlog of a session, after ${how}`, () => {
    it('loses its oldest messages past a count of them', async () => {
      assert.deepEqual(await backlogOf({ backlogMessagesMax: 4 }, comeBack), { got: all.slice(6), dropped: 6 })
    })

    it('loses its oldest messages past a size', async () => {
      const { got, dropped } = await backlogOf({ backlogMessagesMax: 0, backlogBytesMax: 600 }, comeBack)
      assert.ok(got.length > 1 && got.length < 6, `${got.length} messages of more than 100 bytes`)
      assert.equal(got.length + dropped, 10)
      assert.deepEqual(got, all.slice(dropped))
    })

    it('comes whole within its bounds, and without', async () => {
      for (const limits of [{ backlogMessagesMax: 10 }, { backlogMessagesMax: 0, backlogBytesMax: 0 }, {}]) {
        assert.deepEqual(await backlogOf(limits, comeBack), { got: all, dropped: 0 })
      }
    })
  })
}

/** Hands each record over in bytes of its own, so that whoever reads past its end is caught. */
const tight = (log: MessageLog): Pick<MessageLog, 'find'> => ({
  async *find(...search) {
    for await (const batch of log.find(...search)) {
      for (const [index, at] of batch.offsets.subarray(0, batch.count).entries()) {
        const bytes = Buffer.from(batch.bytes.subarray(at, recordEnd(batch.bytes, at)))
        const positions = batch.positions.slice(index, index + 1)
        yield { ...batch, bytes, count: 1, offsets: new Uint32Array(1), positions }
      }
    }
  },
})

it('barriers between its messages are none of it', async () => {
  await using log = createMemoryLog({})
  const committed = new Promise<void>((resolve) => {
    log.onCommit(() => resolve())
  })
  const source = packedSource('a', Buffer.alloc(0), Buffer.from('payload'))
  for (let n = 0; n < 5; n++) {
    appendPublish(log, 1, source, Buffer.from('publisher'), 0 as SessionNumber, 0, neverExpires, epochMicros(0))
    appendBarrier(log, new Map())
  }
  await committed
  const [range] = log.partitions()
  assert.ok(range !== undefined)
  const everything = { filter: '#', since: range.start, until: position(Number.POSITIVE_INFINITY) }
  const limits = { ...defaultLimits, backlogMessagesMax: 2 }
  assert.equal((await backlogExcess(limits, tight(log), range, range.start, [everything])).messages, 3)
})

describe('the floor of the log', () => {
  const range = { partition: 0 as Partition, start: position(1_000), end: position(2_000), bytes: 100_000 }

  it('is held back by sessions only so far', () => {
    const floor = (lowest: number, bytesMax: number, journalFrom = 1_990): number =>
      boundedFloor(position(lowest), bytesMax, range, position(journalFrom))
    assert.equal(floor(1_100, 0), 1_100, 'no bound')
    assert.equal(floor(1_100, 200_000), 1_100, 'the log is not so large')
    assert.equal(floor(1_100, 50_000), 1_500)
    assert.equal(floor(1_800, 50_000), 1_800, 'nobody needs what lies below')
    assert.equal(floor(1_100, 50_000, 1_200), 1_200, 'the journal stays whole')
  })
})
