import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { FrameGatherer, FrameParser, frameBytes } from './bus-frames.ts'

it('any split of the stream gives the same frames', () => {
  const message = fc.tuple(fc.string({ maxLength: 12 }), fc.uint8Array({ maxLength: 40 }))
  const cuts = fc.array(fc.nat(20), { minLength: 1 })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), cuts, (messages, sizes) => {
      const gatherer = new FrameGatherer()
      for (const [channel, bytes] of messages) gatherer.add(channel, bytes, frameBytes(channel, bytes))
      const stream = gatherer.gathered()
      const parsed: [string, Uint8Array][] = []
      const parser = new FrameParser((channel, bytes) => parsed.push([channel, Uint8Array.from(bytes)]))
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const size = 1 + (sizes[turn % sizes.length] ?? 0)
        assert.ok(parser.push(stream.subarray(at, at + size)))
        at += size
      }
      assert.deepEqual(
        parsed,
        messages.map(([channel, bytes]) => [Buffer.from(channel).toString(), bytes]),
      )
    }),
  )
})

it('a length that cannot be is refused as soon as it is read', () => {
  for (const head of [
    [0, 0, 0, 0],
    [1, 0, 0, 0],
    [0xff, 0xff, 0xff, 0xff],
    [3, 0, 0, 0, 9, 0, 0],
  ]) {
    assert.equal(new FrameParser(() => assert.fail('no frame')).push(Buffer.from(head)), false)
  }
})

it('a channel with a name that is too long is a RangeError', () => {
  const channel = 'c'.repeat(65_536)
  const bytes = Buffer.alloc(1)
  assert.throws(() => new FrameGatherer().add(channel, bytes, frameBytes(channel, bytes)), RangeError)
})
