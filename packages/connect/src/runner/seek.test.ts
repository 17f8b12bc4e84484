import assert from 'node:assert/strict'
import { it } from 'node:test'
import { partition, position } from '@hawser/engine'
import { epochMicros } from '@hawser/std'
import { append, committed, contractLog } from '../contract/bench-log.ts'
import { resolveSeek } from './seek.ts'

const { signal } = new AbortController()
const lane = partition(3)

it('finds the first record of a time, before, between and after all', async () => {
  await using log = contractLog()
  for (let second = 10; second < 30; second += 2)
    append(log, 't/a', `${second}`, { appendTime: epochMicros(second * 1e6) })
  await committed(log)
  const found = async (seconds: number): Promise<number | undefined> =>
    (await resolveSeek(log, { kind: 'time', time: epochMicros(seconds * 1e6) }, signal)).get(lane)
  assert.deepEqual(
    [await found(0), await found(10), await found(13), await found(28), await found(29)],
    [0, 0, 2, 9, 10],
  )
})

it('refuses a place that the log does not have', async () => {
  await using log = contractLog()
  append(log, 't/a', '1')
  await committed(log)
  const at = (of: number, place: number) =>
    resolveSeek(log, { kind: 'positions', cursor: new Map([[partition(of), position(place)]]) }, signal)
  assert.equal((await at(3, 1)).get(lane), 1)
  await assert.rejects(at(3, 2), { code: 'POSITION_GONE' })
  await assert.rejects(at(4, 0), { code: 'POSITION_GONE' })
})
