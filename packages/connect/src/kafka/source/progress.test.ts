import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Progress } from './progress.ts'

const at = (partition: number, offset: bigint) => ({ topic: 't', partition, offset })

it('passes an offset once it and all before it are done', () => {
  const progress = new Progress()
  const [first, second, other] = [at(0, 5n), at(0, 6n), at(1, 0n)].map((one) => progress.began(one))
  second?.()
  assert.deepEqual([progress.take(), progress.underWay], [[], 2])
  first?.()
  assert.deepEqual(progress.take(), [at(0, 7n)])
  assert.deepEqual(progress.take(), [])
  other?.()
  assert.deepEqual([progress.take(), progress.underWay], [[at(1, 1n)], 0])
})
