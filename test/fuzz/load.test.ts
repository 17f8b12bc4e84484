/** Each hostile load, small, in which no alarm may ring; and planted faults that must ring each its own. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loads } from './load/loads.ts'
import { runLoad } from './load/run.ts'

describe('hostile load', () => {
  for (const [name, { says, briefCount }] of Object.entries(loads)) {
    it(`${says}: ${briefCount}, and nobody else is disturbed`, async () => {
      const { alarms, exchanged } = await runLoad(name, { count: briefCount })
      assert.deepEqual(alarms, [])
      assert.ok(exchanged > 0)
    })
  }

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
      const { alarms } = await runLoad(name, { count: loads[name]?.briefCount ?? 0, planted: fault })
      assert.ok(
        alarms.some((each) => each.startsWith(alarm)),
        alarms.join('\n'),
      )
    })
  }
})
