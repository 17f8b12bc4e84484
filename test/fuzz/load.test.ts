/** Each hostile load, small, in which no alarm may ring. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loads } from './load/loads.ts'
import { runLoad } from './load/run.ts'
import { stallMsMax } from './watch/stall.ts'

describe('hostile load', () => {
  for (const [name, { says, briefCount }] of Object.entries(loads)) {
    it(`${says}: ${briefCount}, and nobody else is disturbed`, async () => {
      const { alarms, exchanged } = await runLoad(name, { stallMsMax: stallMsMax.inTests, count: briefCount })
      assert.deepEqual(alarms, [])
      assert.ok(exchanged > 0)
    })
  }
})
