/** A short run in which no alarm may ring, and planted faults that must ring each its own. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '@hawser/std'
import { planAttack } from './attack.ts'
import { fuzz } from './run.ts'
import { stallMsMax } from './watch/stall.ts'

const seed = Number(process.env['HAWSER_FUZZ_SEED'] ?? 1)
const packets = Number(process.env['HAWSER_FUZZ_PACKETS'] ?? 60_000)

describe('fuzzing', () => {
  it(`${packets} packets of hostile input disturb nobody`, async () => {
    const { alarms, siege, exchanged } = await fuzz({ seed, packets, stallMsMax: stallMsMax.inTests })
    assert.deepEqual(alarms, [], `seed ${seed}`)
    assert.ok(siege.packets >= packets && exchanged > 0)
    // Each kind of attack was made at each door.
    assert.ok(siege.kinds.size >= 30, `${siege.kinds.size} kinds`)
  })

  for (const planted of ['crash', 'stall', 'disturb', 'fault', 'leak'] as const) {
    const alarm = planted === 'disturb' ? 'disturbed' : planted === 'leak' ? 'memory' : planted
    it(`the alarm rings for a planted ${planted}`, async () => {
      const { alarms } = await fuzz({ seed, packets: 20_000, planted, stallMsMax: stallMsMax.inTests })
      assert.ok(
        alarms.some((each) => each.startsWith(`${alarm}:`)),
        alarms.join('\n'),
      )
    })
  }

  it('repeats itself by its seed', () => {
    const attacks = (of: number) => Array.from({ length: 50 }, (_, n) => planAttack(seededRandom(of + n)))
    assert.deepEqual(attacks(seed), attacks(seed))
    assert.notDeepEqual(attacks(seed), attacks(seed + 1_000))
  })
})
