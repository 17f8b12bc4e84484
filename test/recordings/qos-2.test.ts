/**
 * Recordings replayed at QoS 2 into a Hawser that is killed with SIGKILL twice during each: its broker's process, and
 * once all of it. Afterwards the tables hold each row once, and KPIs that equal a recomputation.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { recomputeMissing } from '../../packages/streams/src/testing/recompute.ts'
import { assertSamePayloads, type KilledRun, killedRun, type Replayed, setupMsMax } from './killed-run.ts'
import { assertRecomputed, recomputedClimate } from './recomputed.ts'
import { recordingsMissing } from './recording.ts'

describe('recordings at QoS 2 into a Hawser that is killed on the way', { skip: recordingsMissing }, () => {
  let run: KilledRun
  before(
    async () => {
      run = await killedRun(2)
    },
    { timeout: setupMsMax },
  )
  after(() => run?.[Symbol.asyncDispose]())

  const assertExactlyOnce = ({ recording, rows }: Replayed, count: number): void => {
    assert.equal(recording.payloads.length, count)
    assert.equal(new Set(rows.map(({ logId }) => logId)).size, 1)
    assertSamePayloads(rows, recording.payloads)
  }

  it('holds each row of the machine’s temperature once, in the order of the file, byte for byte', () => {
    assertExactlyOnce(run.machineTemperature, 22_695)
  })

  it('holds each row of the room’s occupancy once, in the order of the file, byte for byte', () => {
    assertExactlyOnce(run.occupancy, 2_665)
  })

  it('has hourly windows of both that equal the recomputation to the last digit', {
    skip: recomputeMissing,
  }, async () => {
    const { database, specifications, machineTemperature, occupancy } = run
    const temperatures = await assertRecomputed(database, specifications.machineTemperature, machineTemperature.rows)
    const rooms = await assertRecomputed(database, specifications.occupancy, occupancy.rows)
    assert.equal(temperatures.windows.length, hoursOf(machineTemperature))
    assert.equal(rooms.windows.length, hoursOf(occupancy))
    assert.deepEqual([temperatures.sealed.size, rooms.sealed.size], [0, 0])
  })

  it('has heat index and dew point of each row of the occupancy, equal to the recomputation', {
    skip: recomputeMissing,
  }, async () => {
    const { database, specifications, occupancy } = run
    const { windows } = await assertRecomputed(database, specifications.occupancyRows, occupancy.rows)
    assert.equal(windows.length, 2_665, 'each row has a window of its own')
    const derivedValues = (name: string): readonly unknown[] =>
      windows.map(({ measures }) => Number(measures[name]?.['sum']) / 100)
    const expected = recomputedClimate(occupancy.rows)
    assert.deepEqual(
      derivedValues('heat_index'),
      expected.map(([heatIndex]) => Number(heatIndex)),
    )
    assert.deepEqual(
      derivedValues('dew_point'),
      expected.map(([, dewPoint]) => Number(dewPoint)),
    )
  })
})

/** How many different hours the timestamps of the file name. */
const hoursOf = ({ recording }: Replayed): number =>
  new Set(recording.payloads.map((payload) => /"(\d{4}-\d\d-\d\d \d\d):/.exec(payload)?.[1])).size
