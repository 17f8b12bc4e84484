/** Golden vectors, and the independent recomputation of them and of random machines, compared digit by digit. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { factorySpecification } from './specification/factory.ts'
import { recompute, recomputeMissing } from './testing/recompute.ts'
import { runVector, type Vector, type VectorRecord, type VectorResult } from './testing/run-vector.ts'

const folder = new URL('../test-vectors/kpi/', import.meta.url)
const start = 1_750_248_000_000_000

describe('golden vectors', () => {
  const names = readdirSync(folder)
  assert.ok(names.length > 0)
  for (const name of names) {
    const { expected, ...vector } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vector & {
      readonly expected: VectorResult
    }
    it(name, () => {
      // Nothing equals nothing: a vector whose readings are all put aside would prove nothing.
      assert.ok(expected.windows.length > 0)
      assert.deepEqual(runVector(vector), expected)
    })
    it(`${name}, recomputed`, { skip: recomputeMissing }, () => {
      assert.deepEqual(JSON.parse(recompute('kpi', JSON.stringify(vector))), expected)
    })
  }
})

const message = fc.record({
  afterMillis: fc.oneof(fc.integer({ min: 0, max: 6000 }), fc.integer({ min: 0, max: 40_000 })),
  delayMillis: fc.oneof(fc.constant(5), fc.integer({ min: 0, max: 65_000 })),
  partition: fc.integer({ min: 0, max: 2 }),
  machine: fc.constantFrom('MACHINE_001', 'MACHINE_002'),
  state: fc.constantFrom('RUNNING', 'IDLE', 'MAINTENANCE', 'BROKEN', null),
  alarm: fc.constantFrom(true, false, null),
  count: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 3000 }), fc.constant(null)),
  temperature: fc.constantFrom('20.0005', '-0.0005', '79.12345', '1e2', '200.0001', 'null', '"20"'),
})

const records = fc.array(message, { minLength: 1, maxLength: 120 }).map((messages) => {
  let at = start
  return messages.map((drawn, position): VectorRecord => {
    at += drawn.afterMillis * 1000
    const { machine, state, alarm, count, temperature } = drawn
    const timestamp = new Date(at / 1000).toISOString().replace('Z', '000')
    const fields = JSON.stringify({ timestamp, machine_id: machine, state, alarm, production_count: count })
    return {
      logId: 'log',
      partition: drawn.partition,
      position,
      appendTime: at + drawn.delayMillis * 1000,
      topic: `factory/machines/${machine}/telemetry`,
      payload: `${fields.slice(0, -1)},"temperature":${temperature}}`,
    }
  })
})

describe('random machines', () => {
  it('equal the recomputation to the last digit', { skip: recomputeMissing }, () => {
    fc.assert(
      fc.property(records, fc.boolean(), (drawn, byAppendTime) => {
        const ordered = byAppendTime ? drawn.toSorted((a, b) => a.appendTime - b.appendTime) : drawn
        const vector = { specification: factorySpecification.data, records: ordered }
        assert.deepEqual(runVector(vector), JSON.parse(recompute('kpi', JSON.stringify(vector))))
      }),
      { numRuns: 25 },
    )
  })
})
