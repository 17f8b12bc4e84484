import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import type { RawClient } from '../testing/raw-client.ts'

/** PUBLISH of `bytes` in all to a topic of one letter, and no more of it than `sent`. */
function begun(bytes: number, sent: number): Buffer {
  const packet = Buffer.alloc(sent, 'x')
  const remaining = bytes - 4
  packet[0] = 0x30
  packet[1] = (remaining & 0x7f) | 0x80
  packet[2] = ((remaining >> 7) & 0x7f) | 0x80
  packet[3] = remaining >> 14
  packet.set([0, 1, 0x61, 0], 4)
  return packet
}

async function settled({ broker }: BrokerUnderTest, unfinishedBytes: (bytes: number) => boolean): Promise<void> {
  while (!unfinishedBytes(broker.stats().unfinishedBytes)) await new Promise((resolve) => setImmediate(resolve))
}

describe('a packet that has begun', () => {
  const limits = { packetBytesPerSecondMin: 100, packetStallMsMax: 10_000 }

  async function drip(bytesPerSecond: number, seconds: number): Promise<{ ended: boolean; refused: number }> {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock, limits })
    await using client = await under.connect()
    let come = 200
    client.socket.write(begun(100_000, come))
    await settled(under, (bytes) => bytes >= come)
    for (let second = 0; second < seconds && !client.socket.closed; second++) {
      clock.advance(1_000)
      await new Promise((resolve) => setImmediate(resolve))
      if (bytesPerSecond === 0) continue
      come += bytesPerSecond
      client.socket.write(Buffer.alloc(bytesPerSecond, 'x'))
      const at = come
      await settled(under, (bytes) => bytes >= at || bytes === 0)
    }
    const { refused } = under.broker.stats().counters
    if (refused['packet-too-slow'] > 0) assert.equal((await client.receive('disconnect'))['reasonCode'], 0x97)
    return { ended: under.broker.stats().connections === 0, refused: refused['packet-too-slow'] }
  }

  it('ends its connection where it drips', async () => {
    assert.deepEqual(await drip(1, 12), { ended: true, refused: 1 })
    assert.deepEqual(await drip(0, 12), { ended: true, refused: 1 })
  })

  it('may take its time within the rate', async () => {
    assert.deepEqual(await drip(101, 60), { ended: false, refused: 0 })
  })
})

describe('unfinished packets of all clients', () => {
  const limits = { unfinishedBytesMax: 1_000_000 }

  it('have a bound: the oldest is given up, and a client of good will is not disturbed', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock, limits })
    await using good = await under.connect({ clientId: 'good' })
    const hoarders: RawClient[] = []
    for (let index = 0; index < 8; index++) {
      const hoarder = await under.connect({ clientId: `hoarder-${index}` })
      hoarder.socket.write(begun(120_000, 110_000))
      await settled(under, (bytes) => bytes >= (index + 1) * 110_000)
      hoarders.push(hoarder)
    }
    clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
    await good.subscribe('a')
    const large = begun(500_000, 500_000)
    good.socket.write(large)
    const echo = (await good.receive('publish')) as unknown as { payload: Buffer }
    assert.equal(echo.payload.length, 500_000 - 8)
    assert.equal(
      hoarders[0]?.socket.closed || (await hoarders[0]?.receive('disconnect'))?.['reasonCode'] === 0x97,
      true,
    )
    const { counters, unfinishedBytes } = under.broker.stats()
    assert.ok(counters.refused['unfinished-bytes'] > 0)
    assert.ok(unfinishedBytes <= 1_000_000, `${unfinishedBytes} bytes are held`)
  })

  it('are forgotten with their clients', async () => {
    await using under = await brokerUnderTest({ limits })
    const client = await under.connect()
    client.socket.write(begun(100_000, 50_000))
    await settled(under, (bytes) => bytes >= 50_000)
    await client.vanish()
    await settled(under, (bytes) => bytes === 0)
  })
})
