/** Planted faults under hostile load: each must ring its alarm. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loads } from './load/loads.ts'
import { runLoad } from './load/run.ts'
import { stallMsMax } from './watch/stall.ts'

describe('hostile load', () => {
  const planted = {
    crash: ['wills', 'crash:'],
    stall: ['wills', 'stall:'],
    disturb: ['never-acknowledge-qos-1', 'disturbed:'],
    fault: ['wills', 'fault:'],
    leak: ['never-acknowledge-qos-1', 'memory:'],
    refuse: ['reconnects', 'load:'],
  } as const
  for (const [fault, [name, alarm]] of Object.entries(planted)) {
    it(`the alarm rings for a planted ${fault}`, async () => {
      const { alarms } = await runLoad(name, {
        stallMsMax: stallMsMax.inTests,
        count: loads[name]?.briefCount ?? 0,
        planted: fault,
      })
      assert.ok(
        alarms.some((each) => each.startsWith(alarm)),
        alarms.join('\n'),
      )
    })
  }
})
