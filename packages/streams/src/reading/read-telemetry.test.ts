import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { epochMicros } from '@hawser/std'
import factory from '../specification/factory.json' with { type: 'json' }
import { factorySpecification } from '../specification/factory.ts'
import { defineSpecification, type Specification } from '../specification/specification.ts'
import { futureMicrosMax, readTelemetry } from './read-telemetry.ts'
import type { ReadOutcome } from './types.ts'

const eventTime = 1_750_243_645_054_588
const telemetry = {
  timestamp: '2025-06-18T10:47:25.054588',
  machine_id: 'MACHINE_001',
  temperature: 56.06,
  speed: 1062.3,
  state: 'RUNNING',
  alarm: false,
  oee: 0.8719,
  last_maintenance: '2025-05-27T10:47:25.054588',
  operator_name: 'Anna Becker',
  shift: 'MORNING',
  production_count: 7,
  location: 'Hall A',
  firmware_version: '2.4.1',
}

const read = (
  payload: string | object,
  appendTime = eventTime,
  specification: Specification = factorySpecification,
) => {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const topic = 'factory/machines/MACHINE_001/telemetry'
  const source = { logId: 'log', partition: 2, position: 99, appendTime: epochMicros(appendTime), topic }
  return readTelemetry(specification, source, new TextEncoder().encode(text))
}
const one = (...args: Parameters<typeof read>): ReadOutcome => {
  const [outcome, ...others] = read(...args)
  assert.ok(outcome !== undefined && others.length === 0)
  return outcome
}

describe('telemetry', () => {
  it('of a machine is read', () => {
    assert.deepEqual(one(telemetry), {
      kind: 'admitted',
      key: 'MACHINE_001',
      reading: {
        eventId: 'log/2/99',
        partition: 2,
        position: 99,
        item: 0,
        eventTime,
        appendTime: eventTime,
        state: 'producing',
        alarm: false,
        counters: [{ total: 7n, scrap: null }],
        measures: [56_060, 1_062_300, 871_900],
        flagged: 0,
      },
      flags: [],
    })
  })

  const flagged: readonly (readonly [string, object, string, string])[] = [
    ['a temperature out of range', { temperature: 200.001 }, 'temperature', 'out-of-range'],
    ['a speed as text', { speed: '1000' }, 'speed', 'wrong-type'],
    ['an alarm as a number', { alarm: 1 }, 'alarm', 'wrong-type'],
    ['a negative count', { production_count: -1 }, 'production', 'out-of-range'],
    ['half an item', { production_count: 1.5 }, 'production', 'out-of-range'],
    ['a list for a measure', { oee: [1] }, 'oee_reported', 'wrong-type'],
  ]
  for (const [what, change, field, reason] of flagged) {
    it(`${what} is flagged, and the rest is read`, () => {
      const outcome = one({ ...telemetry, ...change })
      assert.ok(outcome.kind === 'admitted')
      assert.deepEqual(outcome.flags, [{ field, reason }])
      assert.equal(outcome.reading.flagged, 1)
      assert.equal(outcome.reading.state, 'producing')
    })
  }

  it('null is absent, not a flag', () => {
    const outcome = one({ ...telemetry, temperature: null, alarm: null, production_count: null, state: null })
    assert.ok(outcome.kind === 'admitted')
    assert.deepEqual(outcome.flags, [])
    assert.deepEqual(outcome.reading.measures, [null, 1_062_300, 871_900])
    assert.equal(outcome.reading.state, null)
  })

  it('counts beyond 2^53 stay themselves', () => {
    const outcome = one(
      JSON.stringify(telemetry).replace('"production_count":7', '"production_count":9007199254740993'),
    )
    assert.ok(outcome.kind === 'admitted')
    assert.equal(outcome.reading.counters[0]?.total, 9_007_199_254_740_993n)
  })

  const refused: readonly (readonly [string, string | object, string])[] = [
    ['Python’s NaN', '{"temperature": NaN}', 'bare-nan'],
    ['no JSON', 'hello', 'not-json'],
    ['no machine', { ...telemetry, machine_id: undefined }, 'no-key'],
    ['an empty machine', { ...telemetry, machine_id: '' }, 'no-key'],
    ['no time', { ...telemetry, timestamp: null }, 'no-time'],
    ['a time that is none', { ...telemetry, timestamp: 'yesterday' }, 'bad-time'],
    ['a time of another format', { ...telemetry, timestamp: 1_750_243_645 }, 'bad-time'],
  ]
  for (const [what, payload, reason] of refused) {
    it(`${what} is refused: ${reason}`, () => {
      const outcome = one(payload)
      assert.ok(outcome.kind === 'refused' && outcome.eventId === 'log/2/99' && outcome.detail !== '')
      assert.equal(outcome.reason, reason)
    })
  }

  it('is admitted by the record alone, both edges included', () => {
    const lateness = factorySpecification.data.machine.latenessMicros
    assert.ok(lateness !== 'none')
    const at = (appendTime: number): string => {
      const outcome = one(telemetry, appendTime)
      return outcome.kind === 'aside' ? outcome.reason : outcome.kind
    }
    assert.equal(at(eventTime - futureMicrosMax), 'admitted')
    assert.equal(at(eventTime - futureMicrosMax - 1), 'future')
    assert.equal(at(eventTime + lateness), 'admitted')
    assert.equal(at(eventTime + lateness + 1), 'late')
  })

  it('retained from before the subscription is no reading', () => {
    const source = { logId: 'log', partition: 0, position: 1, appendTime: epochMicros(eventTime), topic: 't' }
    const [outcome] = readTelemetry(factorySpecification, { ...source, retainedAtSubscribe: true }, Buffer.from('{}'))
    assert.ok(outcome?.kind === 'refused' && outcome.reason === 'retained')
  })

  it('expands arrays only where told, and says what was none', () => {
    const expanding = defineSpecification({ ...factory, expand: 'readings' })
    const [first, second, ...more] = read(
      { ...telemetry, readings: [{ speed: 1 }, { speed: 2 }] },
      eventTime,
      expanding,
    )
    assert.ok(first?.kind === 'admitted' && second?.kind === 'admitted' && more.length === 0)
    assert.deepEqual([first.reading.eventId, second.reading.eventId], ['log/2/99/0', 'log/2/99/1'])
    assert.deepEqual([first.reading.measures[1], second.reading.measures[1]], [1000, 2000])
    const none = one(telemetry, eventTime, expanding)
    assert.ok(none.kind === 'refused' && none.reason === 'not-an-array')
  })
})
