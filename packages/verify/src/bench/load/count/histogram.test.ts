import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Histogram } from './histogram.ts'

const within = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) <= expected / 64, `${actual} is not ${expected}`)

describe('the histogram of latencies', () => {
  it('gives back quantiles within its resolution', () => {
    const histogram = new Histogram()
    for (let micros = 1; micros <= 100_000; micros++) histogram.addMs(micros / 1000)
    const { p50, p90, p99, p999, max } = histogram.quantilesMicros()
    within(p50, 50_000)
    within(p90, 90_000)
    within(p99, 99_000)
    within(p999, 99_900)
    within(max, 100_000)
  })

  it('adds up what several processes counted', () => {
    const [left, right, both] = [new Histogram(), new Histogram(), new Histogram()]
    left.addMs(1)
    right.addMs(3000)
    both.addAll(left.counts())
    both.addAll(right.counts())
    assert.equal(both.total, 2)
    within(both.quantilesMicros().p50, 3_000_000)
    within(both.quantilesMicros().max, 3_000_000)
  })

  it('knows no negative and no endless time', () => {
    const histogram = new Histogram()
    histogram.addMs(-1)
    histogram.addMs(1e9)
    assert.equal(histogram.total, 2)
    within(histogram.quantilesMicros().max, 2 ** 31)
  })

  it('is 0 where nothing was counted', () => {
    assert.deepEqual(new Histogram().quantilesMicros(), { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 })
  })
})
