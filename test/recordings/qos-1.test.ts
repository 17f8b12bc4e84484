/** The same at QoS 1: no row is missing, first deliveries are in order, and what is there twice is counted. */
import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { recomputeMissing } from '../../packages/streams/src/testing/recompute.ts'
import { type KilledRun, killedRun, type Replayed, setupMsMax } from './killed-run.ts'
import { assertRecomputed } from './recomputed.ts'
import { recordingsMissing } from './recording.ts'
import { eventIdOf } from './tables.ts'

describe('recordings at QoS 1 into a Hawser that is killed on the way', { skip: recordingsMissing }, () => {
  let run: KilledRun
  before(
    async () => {
      run = await killedRun(1)
    },
    { timeout: setupMsMax },
  )
  after(() => run?.[Symbol.asyncDispose]())

  const assertNoneMissing = (context: TestContext, { recording, rows, resent }: Replayed): void => {
    const stored = rows.map(({ payload }) => payload)
    const found = withoutExtras(stored, recording.payloads).length
    assert.equal(found, recording.payloads.length, `missing: ${recording.payloads[found]}`)
    const sent = new Set(recording.payloads)
    assert.deepEqual(
      stored.filter((payload) => !sent.has(payload)),
      [],
    )
    const extras = stored.length - recording.payloads.length
    assert.ok(extras <= resent, `${extras} extras of ${resent} that were sent again`)
    context.diagnostic(`${stored.length} rows, ${extras} of them extras; ${resent} were sent again`)
  }

  it('misses no row of the machine’s temperature', (context) => assertNoneMissing(context, run.machineTemperature))
  it('misses no row of the room’s occupancy', (context) => assertNoneMissing(context, run.occupancy))

  it('has hourly windows, extras included, that equal the recomputation of the raw table to the last digit', {
    skip: recomputeMissing,
  }, async (context) => {
    const { database, specifications, machineTemperature, occupancy } = run
    const pairs = [
      [specifications.machineTemperature, machineTemperature],
      [specifications.occupancy, occupancy],
    ] as const
    for (const [specification, { recording, rows }] of pairs) {
      const { sealed } = await assertRecomputed(database, specification, rows)
      const extras = rows.length - recording.payloads.length
      assert.ok(sealed.size <= extras, `${sealed.size} readings kept aside, of ${extras} that are there twice`)
      const counted = rows.filter((row) => !sealed.has(eventIdOf(row))).map(({ payload }) => payload)
      assert.deepEqual(withoutExtras(counted, recording.payloads).length, recording.payloads.length)
      context.diagnostic(`${recording.topic}: ${sealed.size} of ${extras} extras came too late for their window`)
    }
  })
})

/** Of what is stored, in its order, as much of `wanted` as is found in order. */
function withoutExtras(stored: readonly string[], wanted: readonly string[]): readonly string[] {
  let next = 0
  for (const payload of stored) if (payload === wanted[next]) next++
  return wanted.slice(0, next)
}
