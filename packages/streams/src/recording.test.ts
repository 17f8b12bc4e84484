/** A real recording: its timestamps step back by 55 minutes and repeat; every value is computed again elsewhere. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { defineSpecification } from './specification/specification.ts'
import { recompute, recomputeMissing } from './testing/recompute.ts'
import { recordingPath, recordingRows } from './testing/recordings.ts'
import { runVector, type VectorRecord } from './testing/run-vector.ts'

const file = recordingPath('nab/machine_temperature_system_failure.csv')
const missing = existsSync(file) ? false : `needs the recording ${file}`

const specification = defineSpecification({
  name: 'nab_machine_temperature',
  version: 1,
  filter: 'recordings/machine-temperature',
  key: { kind: 'topic-level', level: 1 },
  machine: {
    time: { path: 'timestamp' },
    measures: [{ name: 'temperature', path: 'value', unit: '°F', scale: 9, min: '-100', max: '1000' }],
    gapMicros: 600_000_000,
    latenessMicros: 'none',
    window: { kind: 'tumbling', micros: 3_600_000_000 },
    retainedMax: 64,
  },
})

describe('recording of a machine’s temperature', () => {
  it('gives hourly windows that equal the recomputation to the last digit', {
    skip: missing || recomputeMissing,
  }, () => {
    const records = recordingRows(file).map(
      ([timestamp = '', value = ''], position): VectorRecord => ({
        logId: 'log',
        partition: 0,
        position,
        appendTime: 1_750_248_000_000_000 + position,
        topic: 'recordings/machine-temperature',
        payload: `{"timestamp":"${timestamp}","value":${value}}`,
      }),
    )
    assert.equal(records.length, 22_695)
    const ours = runVector({ specification: specification.data, records }, 500)
    assert.deepEqual(ours.counts, {})
    assert.deepEqual(ours, JSON.parse(recompute('kpi', JSON.stringify({ specification: specification.data, records }))))
  })
})
