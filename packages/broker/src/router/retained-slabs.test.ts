import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '@hawser/std'
import { retainedOn } from '../testing/retained-on.ts'
import { sizeOf } from './retained-message.ts'
import { type KeptMessage, RetainedSlabs, slabBytes } from './retained-slabs.ts'

const textOf = ({ buffer, topicStart, topicEnd, payloadStart, payloadEnd }: KeptMessage): readonly string[] => [
  buffer.toString('utf8', topicStart, topicEnd),
  buffer.toString('utf8', payloadStart, payloadEnd),
]

describe('slabs of retained messages', () => {
  it('give back each message as it was, and hold no more than twice what stands', () => {
    const random = seededRandom(3)
    const slabs = new RetainedSlabs()
    const standing = new Map<string, { readonly kept: KeptMessage; readonly payload: string }>()
    let mostBytes = 0
    for (let round = 0; round < 40_000; round++) {
      const topic = `t/${random.integer(2_000)}`
      const replaced = standing.get(topic)
      if (replaced !== undefined) slabs.release(replaced.kept)
      standing.delete(topic)
      if (random.integer(8) === 0) continue
      const payload = `${round} `.repeat(1 + random.integer(random.integer(50) === 0 ? 10_000 : 20))
      standing.set(topic, { kept: slabs.keep(retainedOn(topic, payload)), payload })
      if (round % 500 !== 0) continue
      let bytes = 0
      const held = new Set<Buffer>()
      for (const [name, { kept, payload }] of standing) {
        assert.deepEqual(textOf(kept), [name, payload])
        bytes += sizeOf(kept)
        held.add(kept.buffer)
      }
      const heldBytes = [...held].reduce((sum, { length }) => sum + length, 0)
      // What does not fit the end of a slab is a quarter of it at most.
      assert.ok(heldBytes <= (bytes * 2 * 4) / 3 + 2 * slabBytes, `${heldBytes} for ${bytes}`)
      mostBytes = Math.max(mostBytes, bytes)
    }
    assert.ok(mostBytes > 8 * slabBytes, 'too few for a test')
  })

  it('leave a message that is replaced to who still reads it', () => {
    const slabs = new RetainedSlabs()
    const first = slabs.keep(retainedOn('a', 'first'))
    slabs.release(first)
    for (let index = 0; index < 20_000; index++) slabs.release(slabs.keep(retainedOn('a', `later ${index}`)))
    assert.deepEqual(textOf(first), ['a', 'first'])
  })
})
