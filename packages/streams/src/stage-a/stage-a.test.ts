import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { epochMicros, HawserError, seededRandom } from '@hawser/std'
import fc from 'fast-check'
import type { Reading } from '../reading/types.ts'
import factory from '../specification/factory.json' with { type: 'json' }
import { defineSpecification, type Specification } from '../specification/specification.ts'
import type { StateClass } from '../specification/types.ts'
import type { AccumulatorRow } from '../stage-b/columns.ts'
import { evaluateKpis } from '../stage-b/evaluate.ts'
import { latestRevisions, mergeAccumulators } from '../stage-b/merge.ts'
import { rowsOf, vectorWindows } from '../testing/run-vector.ts'
import { decodeMachineState, encodeMachineState } from './state-codec.ts'
import { reopenMicros, stepMachine } from './step-machine.ts'
import { emptyMachineState, type MachineState } from './types.ts'

const second = 1_000_000
const start = 1_750_248_000 * second
const beginning = epochMicros(Number.MIN_SAFE_INTEGER)
const withMachine = (change: object): Specification =>
  defineSpecification({ ...factory, machine: { ...factory.machine, ...change } })
const specification = withMachine({})

const reading = (position: number, seconds: number, values: Partial<Reading> = {}): Reading => ({
  eventId: `log/0/${position}`,
  partition: 0,
  position,
  item: 0,
  eventTime: epochMicros(start + seconds * second),
  appendTime: epochMicros(start + seconds * second),
  state: 'producing',
  alarm: null,
  counters: [{ total: null, scrap: null }],
  measures: [null, null, null],
  flagged: 0,
  ...values,
})

const count = (total: number): Partial<Reading> => ({ counters: [{ total: BigInt(total), scrap: null }] })

const drawn = fc.record({
  seconds: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.double({ min: 0, max: 300, noNaN: true })),
  state: fc.constantFrom<StateClass | null>('producing', 'down', 'planned-down', null),
  alarm: fc.constantFrom(true, false, null),
  total: fc.option(fc.bigInt({ min: 0n, max: 2000n })),
  temperature: fc.option(fc.integer({ min: -50_000, max: 200_000 })),
})
const readings = fc.array(drawn, { minLength: 1, maxLength: 40 }).map((list) =>
  list.map(({ seconds, state, alarm, total, temperature }, position) =>
    reading(position, Math.round(seconds * 10) / 10, {
      state,
      alarm,
      counters: [{ total, scrap: null }],
      measures: [temperature, null, null],
    }),
  ),
)
const shuffled = readings.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
)
const batches = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })

describe('a value is a function of the set of admitted readings', () => {
  it('whatever their order, their batches and their repeats', () => {
    fc.assert(
      fc.property(shuffled, batches, batches, fc.nat(), ([ordered, other], some, others, repeat) => {
        const again = [...other, other[repeat % other.length] as Reading]
        assert.deepEqual(
          vectorWindows(rowsOf(specification, 'M', again, others)),
          vectorWindows(rowsOf(specification, 'M', ordered, some)),
        )
      }),
    )
  })

  it('and so is the list of alarms, when additions and removals are followed', () => {
    fc.assert(
      fc.property(shuffled, ([ordered, other]) => {
        assert.deepEqual(alarmsOf(other), alarmsOf(ordered))
      }),
    )
  })

  it('and sealing in order changes nothing', () => {
    const small = withMachine({ retainedMax: 1 })
    fc.assert(
      fc.property(readings, batches, (list, sizes) => {
        const sorted = list.toSorted((a, b) => a.eventTime - b.eventTime || a.position - b.position)
        assert.deepEqual(
          vectorWindows(rowsOf(small, 'M', sorted, sizes)),
          vectorWindows(rowsOf(specification, 'M', list, [1])),
        )
      }),
    )
  })
})

function alarmsOf(list: readonly Reading[]): readonly string[] {
  const alarms = new Set<string>()
  let state = emptyMachineState
  for (const one of list) {
    const step = stepMachine(specification, 'M', state, [one], beginning)
    for (const { eventId } of step.alarms.removed) assert.ok(alarms.delete(eventId))
    for (const { eventId } of step.alarms.added) assert.equal(alarms.size, alarms.add(eventId).size - 1)
    state = step.state
  }
  return [...alarms].sort()
}

describe('splitting at window edges', () => {
  it('conserves time, whatever the length of a window', () => {
    const window = fc.integer({ min: 1, max: 400 }).map((seconds) => ({ kind: 'tumbling', micros: seconds * second }))
    fc.assert(
      fc.property(readings, window, (list, length) => {
        const total = (of: Specification) => {
          const merged = latestRevisions(rowsOf(of, 'M', list, [40]))
            .map((row) => row.accumulator)
            .reduce(mergeAccumulators)
          const { knownMicros, plannedBusyMicros, producingMicros, produced, producedApart, alarmEdges } = merged
          return { knownMicros, plannedBusyMicros, producingMicros, produced, producedApart, alarmEdges }
        }
        const whole = withMachine({ window: { kind: 'tumbling', micros: 86_400 * second } })
        assert.deepEqual(total(withMachine({ window: length })), total(whole))
      }),
      { numRuns: 50 },
    )
  })
})

/** Steps on, and remembers the state. */
function machine(of: Specification = specification) {
  let state: MachineState = emptyMachineState
  return {
    step(list: readonly Reading[], seenUntilSeconds = -1e6) {
      const step = stepMachine(of, 'M', state, list, epochMicros(start + seenUntilSeconds * second))
      state = decodeMachineState(encodeMachineState(step.state))
      return step
    },
    get state() {
      return state
    },
  }
}
const brief = ({ windowStart, final, revision }: AccumulatorRow) => [(windowStart - start) / second, final, revision]

describe('windows', () => {
  it('are provisional at once, final when nothing can be admitted any more, and said once', () => {
    const { step } = machine()
    assert.deepEqual(step([reading(0, 5)]).rows.map(brief), [[0, false, 1]])
    assert.deepEqual(step([], 119).rows, [])
    assert.deepEqual(step([], 120).rows.map(brief), [[0, true, 2]])
    assert.deepEqual(step([], 121).rows, [])
  })

  it('that are final are computed again for a straggler, and stay final', () => {
    const { step } = machine()
    step([reading(0, 5)], 120)
    const { rows, sealed } = step([reading(1, 10, { state: 'down' })], 130)
    assert.deepEqual(sealed, [])
    assert.deepEqual(rows.map(brief), [[0, true, 2]])
    assert.equal(rows[0]?.accumulator.knownMicros, 20_000_000n)
  })

  it('that a straggler empties are said to be empty', () => {
    const { step } = machine()
    const before = step([reading(0, 50)]).rows.map(brief)
    assert.deepEqual(before, [
      [0, false, 1],
      [60, false, 1],
    ])
    const [, emptied] = step([reading(1, 55, { state: null })]).rows
    assert.deepEqual(emptied && brief(emptied), [60, false, 2])
    assert.deepEqual([emptied?.accumulator.knownMicros, emptied?.accumulator.calendarMicros], [0n, 60_000_000n])
  })

  it('that did not change are not said again', () => {
    const { step } = machine()
    step([reading(0, 5), reading(1, 65), reading(2, 125)])
    assert.deepEqual(step([reading(3, 70, { state: null })]).rows.map(brief), [[60, false, 2]])
  })
})

describe('what is remembered', () => {
  it('is the same object where nothing changed', () => {
    const state = stepMachine(specification, 'M', emptyMachineState, [reading(0, 5)], beginning).state
    assert.equal(stepMachine(specification, 'M', state, [reading(0, 5)], beginning).state, state)
  })

  it('lets readings go once their window is final and the grace has passed; counters and states go on', () => {
    const one = machine()
    one.step([reading(0, 5, count(10))])
    one.step([], 65 + reopenMicros / second + 1)
    assert.equal(one.state.retained.length, 0)
    assert.equal(one.state.sealed?.last.eventId, 'log/0/0')
    const { rows, sealed } = one.step([reading(1, 12, count(14)), reading(2, 4, count(1))])
    assert.deepEqual(
      sealed.map(({ eventId }) => eventId),
      ['log/0/2'],
    )
    assert.equal(rows[0]?.accumulator.produced, 4n)
    assert.equal(rows[0]?.accumulator.readings, 2n)
    assert.equal(rows[0]?.accumulator.knownMicros, 22_000_000n)
  })

  it('keeps readings for the grace after their window is final, not longer', () => {
    const grace = reopenMicros / second
    const straggler = reading(2, 5, { state: 'down' })
    const sealedAt = (seenUntil: number): number => {
      const one = machine()
      one.step([reading(0, 10), reading(1, 20)], seenUntil)
      return one.step([straggler]).sealed.length
    }
    assert.equal(sealedAt(60 + 10 + grace), 0)
    assert.equal(sealedAt(60 + 10 + grace + 0.000001), 1)
  })

  it('has its bound, and what comes too late for it is handed back, not lost in silence', () => {
    const recording = withMachine({ latenessMicros: 'none', retainedMax: 10 })
    const one = machine(recording)
    for (let position = 0; position < 100; position++) one.step([reading(position, position * 5)])
    assert.equal(one.state.retained.length, 10)
    assert.equal(one.step([reading(100, 452)]).sealed.length, 0)
    assert.deepEqual(
      one.step([reading(101, 440)]).sealed.map(({ eventId }) => eventId),
      ['log/0/101'],
    )
    assert.ok(encodeMachineState(one.state).length < 10_000)
  })

  it('closes nothing because of one reading far in the future', () => {
    const one = machine(withMachine({ latenessMicros: 'none', retainedMax: 3 }))
    one.step([reading(0, 1e6)])
    for (let position = 1; position < 20; position++)
      assert.equal(one.step([reading(position, position * 5)]).sealed.length, 0)
  })

  it('is stored with a version, and another one is refused', () => {
    const { state } = stepMachine(specification, 'M', emptyMachineState, [reading(0, 5, count(7))], beginning)
    assert.deepEqual(decodeMachineState(encodeMachineState(state)), state)
    const other = encodeMachineState(state).replace('"format":1', '"format":2')
    assert.throws(
      () => decodeMachineState(other),
      (error) => error instanceof HawserError && error.code === 'DATA_DIR_VERSION',
    )
  })
})

describe('the Markov chain of the machines', () => {
  it('spends 0.732 of its time RUNNING, and 0.857 of that without MAINTENANCE [KPI 14]', () => {
    const hourly = withMachine({ window: { kind: 'tumbling', micros: 3600 * second } })
    const random = seededRandom(14)
    const moves = { producing: [['down', 0.05], ['planned-down', 0.02]], down: [['producing', 0.3]], 'planned-down': [['producing', 0.1]] } as const // biome-ignore format: a table
    let state: StateClass = 'producing'
    const list = Array.from({ length: 200_000 }, (_, position) => {
      const here = reading(position, position * 3, { state })
      let draw = random.next()
      for (const [to, probability] of moves[state]) {
        if (draw >= 0 && draw < probability) state = to
        draw -= probability
      }
      return here
    })
    const sum = latestRevisions(rowsOf(hourly, 'M', list, [1000]))
      .map((row) => row.accumulator)
      .reduce(mergeAccumulators)
    assert.ok(Math.abs(Number(sum.producingMicros) / Number(sum.knownMicros) - 0.732) < 0.01)
    assert.ok(Math.abs(Number(evaluateKpis(sum).values.availability) - 0.857) < 0.005)
  })
})
