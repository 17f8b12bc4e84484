import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { copyBytes, viewOf } from './bytes.ts'

/** Longer than any range that is copied by words. */
const bytes = 300

/** In the middle of a larger one, as the pool of small buffers hands them out. */
function counting(isViewed: boolean): Buffer {
  const buffer = Buffer.alloc(bytes + 20).subarray(3, bytes + 3)
  for (let index = 0; index < bytes; index++) buffer[index] = index * 7
  if (isViewed) viewOf(buffer)
  return buffer
}

describe('copyBytes', () => {
  for (const [from, to] of [
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ] as const) {
    it(`copies any length from a ${from ? 'viewed' : 'plain'} buffer into a ${to ? 'viewed' : 'plain'} one`, () => {
      const source = counting(from)
      for (let length = 0; length <= bytes; length++) {
        const target = Buffer.alloc(bytes + 20, 0xee).subarray(5)
        if (to) viewOf(target)
        assert.equal(copyBytes(source, bytes - length, bytes, target, 5), 5 + length)
        assert.deepEqual(target.subarray(5, 5 + length), source.subarray(bytes - length))
        assert.equal(target[4], 0xee)
        assert.equal(target[5 + length], 0xee)
      }
    })
  }

  it('closes up a range within one buffer', () => {
    for (let shift = 1; shift < 20; shift++) {
      const buffer = counting(true)
      const moved = Buffer.from(buffer.subarray(shift, 250))
      copyBytes(buffer, shift, 250, buffer, 0)
      assert.deepEqual(buffer.subarray(0, 250 - shift), moved)
    }
  })
})

describe('viewOf', () => {
  it('is made once and sees the bytes of its buffer', () => {
    const buffer = counting(false)
    assert.equal(viewOf(buffer), viewOf(buffer))
    assert.equal(viewOf(buffer).getUint16(1, true), buffer.readUInt16LE(1))
    assert.equal(viewOf(buffer).byteLength, buffer.length)
  })
})
