import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brokerUnderTest } from '../testing/broker-under-test.ts'

const readers = 40
const mebibyte = 1_048_576

describe('many receivers that read nothing', () => {
  it('hold together no more than is meant for all of them, and lose nothing of QoS 1', async () => {
    await using under = await brokerUnderTest({
      limits: { outputBytesAllMax: 4 * mebibyte, slowReceiverMsMax: 0 },
    })
    const deaf = await Promise.all(Array.from({ length: readers }, () => under.connect()))
    for (const client of deaf) {
      await client.subscribe('live')
      await client.subscribe('kept', { qos: 1 })
      client.socket.pause()
    }
    const publisher = await under.connect()
    const count = 150
    let pendingMax = 0
    for (let n = 0; n < count; n++) {
      publisher.publish('live', 'x'.repeat(100_000))
      publisher.publish('kept', `${n}`.padEnd(10_000), { qos: 1, messageId: 1 })
      await publisher.receive('puback')
      pendingMax = Math.max(pendingMax, under.broker.stats().outputBytesPending)
    }
    // What systems take for a socket aside, 40 readers would gather 40 MB within their own bounds.
    assert.ok(pendingMax < 20 * mebibyte, `${pendingMax} bytes waited`)
    const [first] = deaf
    assert.ok(first !== undefined)
    first.socket.resume()
    for (let n = 0; n < count; ) {
      const packet = await first.receive('publish')
      if (packet['topic'] !== 'kept') continue
      assert.equal(String(packet['payload']).trim(), `${n++}`)
      first.send({ cmd: 'puback', messageId: packet['messageId'] })
    }
  })
})
