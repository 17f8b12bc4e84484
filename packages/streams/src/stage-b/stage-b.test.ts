import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Accumulator, type AccumulatorRow, accumulatorColumns, type MeasureAccumulator } from './columns.ts'
import { evaluateKpis, evaluateMeasure } from './evaluate.ts'
import { kpiFormulas, kpiNames } from './formulas.ts'
import { emptyAccumulator, latestRevisions, mergeAccumulators, mergeMeasures } from './merge.ts'
import { kpiSql, measureSql, mergedColumn } from './sql.ts'

const amount = fc.bigInt({ min: 0n, max: 2n ** 40n })
const accumulator = fc
  .tuple(...accumulatorColumns.map(() => amount))
  .map(
    (values) =>
      Object.fromEntries(accumulatorColumns.map(({ field }, at) => [field, values[at]])) as unknown as Accumulator,
  )
const measures = fc
  .uniqueArray(fc.tuple(fc.constantFrom('speed', 'temperature', 'oee'), amount, amount), { selector: ([name]) => name })
  .map((list): readonly MeasureAccumulator[] =>
    list.map(([measure, a, b]) => ({
      measure,
      unit: '1',
      scale: 3,
      n: 2n,
      sum: a + b,
      min: a,
      max: a + b,
    })),
  )

describe('merging', () => {
  it('is associative and commutative, with a neutral element', () => {
    fc.assert(
      fc.property(accumulator, accumulator, accumulator, (a, b, c) => {
        const left = mergeAccumulators(mergeAccumulators(a, b), c)
        assert.deepEqual(left, mergeAccumulators(a, mergeAccumulators(b, c)))
        assert.deepEqual(left, mergeAccumulators(c, mergeAccumulators(b, a)))
        assert.deepEqual(mergeAccumulators(a, emptyAccumulator), a)
      }),
    )
    fc.assert(
      fc.property(measures, measures, measures, (a, b, c) => {
        const left = mergeMeasures(mergeMeasures(a, b), c)
        assert.deepEqual(left, mergeMeasures(a, mergeMeasures(b, c)))
        assert.deepEqual(left, mergeMeasures(c, mergeMeasures(b, a)))
      }),
    )
  })

  it('refuses two scales of one measure', () => {
    const measure = { measure: 'x', unit: '1', scale: 1, n: 1n, sum: 1n, min: 1n, max: 1n }
    assert.throws(() => mergeMeasures([measure], [{ ...measure, scale: 2 }]), RangeError)
  })

  it('keeps the highest revision, in any order of arrival', () => {
    const row = (windowStart: number, revision: number) =>
      ({ specification: 's', version: 1, key: 'k', windowStart, revision }) as AccumulatorRow
    const kept = latestRevisions([row(0, 2), row(60, 1), row(0, 3), row(0, 1)])
    assert.deepEqual(
      kept.map(({ windowStart, revision }) => [windowStart, revision]),
      [
        [0, 3],
        [60, 1],
      ],
    )
  })
})

describe('KPIs', () => {
  const of = (values: Partial<Accumulator>) => evaluateKpis({ ...emptyAccumulator, scrapMeasured: 1n, ...values })

  it('of a machine that stood: OEE 0, effectiveness and quality undefined', () => {
    const { values } = of({ plannedBusyMicros: 60n, knownMicros: 60n, knownCalendarMicros: 60n, calendarMicros: 60n })
    assert.deepEqual(values, {
      availability: '0.000000',
      effectiveness: null,
      quality: null,
      oee: '0.000000',
      alarm_rate_per_hour: '0.000000',
      coverage: '1.000000',
      production_count: '0.000000',
    })
  })

  it('OEE is undefined only without planned busy time', () => {
    fc.assert(
      fc.property(accumulator, (drawn) => {
        assert.equal(evaluateKpis(drawn).values.oee === null, drawn.plannedBusyMicros === 0n)
      }),
    )
    assert.equal(of({ plannedBusyMicros: 0n }).values.oee, null)
  })

  it('quality without a scrap path is 1, and marked', () => {
    const { values, qualityAssumed } = of({ scrapMeasured: 0n, produced: 3n })
    assert.deepEqual([values.quality, qualityAssumed], ['1.000000', true])
    assert.equal(of({ produced: 3n, scrap: 1n }).values.quality, '0.666667')
  })

  it('coverage counts known time within the calendar only', () => {
    const values = { knownMicros: 9n, knownCalendarMicros: 3n, calendarMicros: 4n }
    assert.equal(of(values).values.coverage, '0.750000')
  })

  it('effectiveness is not capped', () => {
    assert.equal(of({ producedPlannedMicros: 3n, producingMicros: 2n }).values.effectiveness, '1.500000')
  })

  it('a tie is rounded away from zero', () => {
    assert.equal(of({ producingMicros: 1n, plannedBusyMicros: 2_000_000n }).values.availability, '0.000001')
    const measure = { measure: 'x', unit: '1', scale: 6, n: 2n, sum: -1n, min: -1n, max: 0n }
    assert.deepEqual(evaluateMeasure(measure), { mean: '-0.000001', min: '-0.000001', max: '0.000000' })
  })

  it('are all named once, and all have SQL over columns that exist', () => {
    assert.deepEqual(
      kpiFormulas.map(({ name }) => name),
      [...kpiNames],
    )
    const names = new Set(accumulatorColumns.map(({ name }) => name))
    for (const formula of kpiFormulas) {
      const used = kpiSql(formula, ({ name }) => `<${name}>`).match(/<\w+>/g) ?? []
      assert.ok(used.length > 0 && used.every((name) => names.has(name.slice(1, -1))))
    }
    assert.match(measureSql(mergedColumn).mean, /sum\(sum\).*sum\(n\)/)
  })
})
