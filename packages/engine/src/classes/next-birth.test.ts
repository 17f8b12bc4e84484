import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { createMemoryState } from '../memory/mod.ts'
import { nextBirth } from './next-birth.ts'

it('each life of the volatile partition is born past the one before it, also where the clock goes back an hour', async () => {
  await using state = createMemoryState()
  const births: number[] = []
  for (const hours of [0, -1, 0, 100]) {
    births.push(await nextBirth(state, new ManualClock(1_700_000_000_000_000 + hours * 3_600_000_000)))
  }
  for (const [index, birth] of births.slice(1).entries()) assert.ok(birth > (births[index] ?? 0) + 1e9, `${births}`)
  assert.ok(births.every(Number.isSafeInteger))
})
