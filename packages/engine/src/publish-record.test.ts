import assert from 'node:assert/strict'
import { it } from 'node:test'
import { epochMicros, type SessionNumber, steadyMicros } from '@hawser/std'
import fc from 'fast-check'
import { createMemoryLog } from './memory/mod.ts'
import { appendPublish, neverExpires, PublishView, publishFlag } from './publish-record.ts'
import { recordKind, recordKindAt } from './record.ts'

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((value) => Buffer.from(value))

it('a view gives back what was appended, whatever the lengths', async () => {
  let commit = (): void => {}
  await using log = createMemoryLog({
    schedule: (flush) => {
      commit = flush
    },
  })
  const view = new PublishView()
  log.onCommit(({ bytes, offsets }) => {
    const at = offsets[0] ?? Number.NaN
    assert.equal(recordKindAt(bytes, at), recordKind.publish)
    view.moveTo(bytes, at)
  })
  const published = fc.record({
    topic: fc.string({ minLength: 1, maxLength: 90, unit: 'grapheme' }),
    properties: bytes(90),
    payload: bytes(300),
    before: bytes(5),
    clientId: fc.string({ maxLength: 40, unit: 'grapheme' }),
    flags: fc.nat(15),
    packetId: fc.nat(65_535),
    session: fc.maxSafeNat(),
    expiry: fc.oneof(fc.constant(neverExpires), fc.nat()),
    micros: fc.maxSafeNat(),
    order: fc.nat(2),
    steadyAt: fc.oneof(fc.constant(0), fc.maxSafeNat()),
  })
  fc.assert(
    fc.property(published, (message) => {
      const topic = Buffer.from(message.topic)
      const buffer = Buffer.concat([message.before, topic, message.properties, message.payload, message.before])
      const topicStart = message.before.length
      const propertiesStart = topicStart + topic.length
      const payloadStart = propertiesStart + message.properties.length
      const source = {
        buffer,
        topicStart,
        topicEnd: propertiesStart,
        propertiesStart,
        propertiesEnd: payloadStart,
        payloadStart,
        payloadEnd: payloadStart + message.payload.length,
      }
      const clientId = Buffer.from(message.clientId)
      const session = message.session as SessionNumber
      const micros = epochMicros(message.micros)
      const { flags, packetId, expiry, order } = message
      const steadyAt = message.steadyAt === 0 ? 0 : steadyMicros(message.steadyAt)
      assert.ok(appendPublish(log, flags, source, clientId, session, packetId, expiry, micros, order, steadyAt))
      commit()
      assert.equal(view.topic, message.topic)
      assert.equal(view.clientId, message.clientId)
      assert.deepEqual(view.payload(), message.payload)
      assert.deepEqual(view.buffer.subarray(view.propertiesStart, view.propertiesEnd), message.properties)
      assert.deepEqual(
        [view.flags & 0b1111, view.packetId, view.session, view.messageExpirySeconds, view.publishedAt],
        [message.flags, message.packetId, message.session, message.expiry, message.micros],
      )
      assert.equal(view.order, order)
      assert.equal(view.steadyAt, steadyAt === 0 ? message.micros : steadyAt, 'an expiry counts from the publish')
      assert.equal(view.qos, message.flags & publishFlag.qosMask)
      assert.equal(view.retain, (message.flags & publishFlag.retain) !== 0)
      assert.equal(view.will, (message.flags & publishFlag.will) !== 0)
    }),
  )
})

it('what the log refuses is not appended', async () => {
  const log = createMemoryLog()
  await log[Symbol.asyncDispose]()
  const source = {
    buffer: Buffer.from('t'),
    topicStart: 0,
    topicEnd: 1,
    propertiesStart: 1,
    propertiesEnd: 1,
    payloadStart: 1,
    payloadEnd: 1,
  }
  const session = 1 as SessionNumber
  assert.equal(appendPublish(log, 1, source, Buffer.alloc(0), session, 0, neverExpires, epochMicros(0)), false)
  assert.equal(log.lastTicket, -1)
})
