import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { compareKeys, KeyOrder, keyAfter } from './key-order.ts'

const key = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('', '\uffff', '😀', '\ue000', 'a', 'aa'),
)

it('keys compare as their UTF-8 bytes do', () => {
  fc.assert(
    fc.property(key, key, (left, right) => {
      assert.equal(Math.sign(compareKeys(left, right)), Buffer.compare(Buffer.from(left), Buffer.from(right)))
    }),
  )
})

it('keys that come and go stand in order, from any key on', () => {
  const change = fc.record({ adds: fc.boolean(), key: fc.nat(3000).map(String) })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1500, maxLength: 4000, size: 'max' }), key, (changes, from) => {
      const order = new KeyOrder()
      const model = new Set<string>()
      for (const { adds, key } of changes) {
        if (adds) {
          order.add(key)
          model.add(key)
        } else {
          order.delete(key)
          model.delete(key)
        }
      }
      const walked: string[] = []
      for (let at = from, keys = order.from(at); keys.length > 0; keys = order.from(at)) {
        walked.push(...keys)
        at = keyAfter(walked.at(-1) ?? '')
      }
      assert.deepEqual(walked, [...model].filter((each) => compareKeys(each, from) >= 0).sort(compareKeys))
    }),
    { numRuns: 30 },
  )
})
