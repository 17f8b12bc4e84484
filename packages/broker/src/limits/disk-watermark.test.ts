import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import { closed, type RawClient } from '../testing/raw-client.ts'

async function pass(clock: ManualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1_000)
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

async function publish(client: RawClient, options: Record<string, unknown> = {}): Promise<number> {
  client.publish('a', 'x', { qos: 1, messageId: 1, ...options })
  return Number((await client.receive('puback'))['reasonCode'] ?? 0)
}

it('a disk that is nearly full refuses what would be written (0x97), and takes it again when there is room', async () => {
  const clock = new ManualClock()
  const free = { bytes: 1_000 }
  const told: [boolean, number][] = []
  await using under = await brokerUnderTest({
    clock,
    limits: { diskFreeBytesMin: 500 },
    systemTopicSeconds: 0,
    freeBytes: async () => free.bytes,
    onDisk: (low, bytes) => told.push([low, bytes]),
  })
  const client = await under.connect()
  const watcher = await under.connect({ clientId: 'watcher', clean: false, properties: { sessionExpiryInterval: 60 } })
  await watcher.subscribe('#', { qos: 1 })
  assert.equal(await publish(client), 0)
  free.bytes = 499
  await pass(clock, 2)
  assert.equal(await publish(client), 0x97)
  const own = { topic: 'a', payload: Buffer.from('own'), qos: 1 } as const
  assert.equal(await under.broker.publish(own), false, 'nor what comes from this process')
  client.publish('a', 'retained', { retain: true })
  client.publish('a', 'live')
  await client.untilPong()
  const got = await watcher.untilPong()
  assert.deepEqual(
    got.map((packet) => String(packet['payload'])),
    ['x', 'live'],
  )
  const old = await under.connect({ version: 4 })
  old.publish('a', 'x', { qos: 1, messageId: 1 })
  assert.equal(await old.next(), closed, '3.1.1 has no word for it')
  free.bytes = 520
  await pass(clock, 2)
  assert.equal(await publish(client), 0x97, 'not at once: it would go to and fro')
  free.bytes = 600
  await pass(clock, 2)
  assert.equal(await publish(client), 0)
  assert.deepEqual(told, [
    [true, 499],
    [false, 600],
  ])
  const { counters, diskLow } = under.broker.stats()
  assert.equal(diskLow, false)
  assert.equal(counters.refused['disk-low'], 4)
  assert.equal(counters.dropped['log-refused'], 5)
})
