import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HawserError, seededRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { RateWindow } from './rate-window.ts'
import { RecentBatches } from './recent-batches.ts'
import { Statistics } from './statistics.ts'

describe('rates of a connector', () => {
  it('are those of the last minute and the last five', () => {
    const clock = new ManualClock()
    const rates = new RateWindow(clock)
    for (let second = 0; second < 600; second++) {
      clock.advance(500)
      rates.add(second < 540 ? 10 : 40, 100)
      clock.advance(500)
    }
    assert.deepEqual(rates.over(1), { messagesPerSecond: 40, bytesPerSecond: 100 })
    // The slot that begins now is one of the 60: 295 s are counted.
    assert.deepEqual(rates.over(5), { messagesPerSecond: (60 * 40 + 235 * 10) / 295, bytesPerSecond: 100 })
  })

  it('are those since the start, while that is shorter ago', () => {
    const clock = new ManualClock()
    const rates = new RateWindow(clock)
    rates.add(100, 0)
    assert.equal(rates.over(1).messagesPerSecond, 100)
    clock.advance(20_000)
    assert.deepEqual([rates.over(1).messagesPerSecond, rates.over(5).messagesPerSecond], [5, 5])
  })

  it('fall to nothing in a silence, however long', () => {
    for (const silenceMs of [305_000, 330_000, 86_400_000]) {
      const clock = new ManualClock()
      const rates = new RateWindow(clock)
      rates.add(1_000, 1_000)
      clock.advance(silenceMs)
      assert.deepEqual(rates.over(5), { messagesPerSecond: 0, bytesPerSecond: 0 })
      rates.add(3_000, 3_000)
      assert.ok(rates.over(5).messagesPerSecond >= 10)
    }
  })

  it('agree with a plain list of what came', () => {
    const clock = new ManualClock()
    const random = seededRandom(7)
    const rates = new RateWindow(clock)
    const came: { readonly atMs: number; readonly messages: number }[] = []
    for (let step = 0; step < 2_000; step++) {
      clock.advance(random.integer(3_000))
      const messages = random.integer(100)
      came.push({ atMs: clock.monotonicMs(), messages })
      rates.add(messages, 0)
      const nowMs = clock.monotonicMs()
      for (const minutes of [1, 5] as const) {
        const sinceMs = Math.max(0, Math.floor(nowMs / 5_000) * 5_000 - minutes * 60_000 + 5_000)
        const sum = came.reduce((total, one) => total + (one.atMs >= sinceMs ? one.messages : 0), 0)
        assert.equal(rates.over(minutes).messagesPerSecond, (sum * 1_000) / Math.max(1_000, nowMs - sinceMs))
      }
    }
  })
})

describe('statistics of a connector', () => {
  it('tell sizes and times of batches by quantiles that there were', () => {
    const batches = new RecentBatches()
    assert.equal(batches.figures(), undefined)
    for (let number = 1; number <= 100; number++) batches.add(number, number * 10, number / 2)
    assert.deepEqual(batches.figures(), {
      count: 100,
      messages: { p50: 50, p99: 99 },
      bytes: { p50: 500, p99: 990 },
      ms: { p50: 25, p99: 49.5 },
    })
  })

  it('forget old batches, and not how many there were', () => {
    const batches = new RecentBatches()
    for (let number = 0; number < 5_000; number++) batches.add(1, 1, 900)
    for (let number = 0; number < 1_024; number++) batches.add(2, 2, 3)
    const { count, messages, ms } = batches.figures() ?? assert.fail()
    assert.deepEqual([count, messages, ms], [6_024, { p50: 2, p99: 2 }, { p50: 3, p99: 3 }])
  })

  it('count bytes, retries, and errors by their code', () => {
    const statistics = new Statistics(new ManualClock())
    statistics.batch(3, 30, 1)
    statistics.message(5)
    for (let time = 0; time < 2; time++) statistics.error(new HawserError('SINK_UNAVAILABLE', `for the ${time}th time`))
    statistics.error(new TypeError('a fault'))
    statistics.retry()
    const { bytes, retries, errors, batches } = statistics.view()
    assert.deepEqual([bytes, retries, errors], [35, 1, { SINK_UNAVAILABLE: 2, UNEXPECTED: 1 }])
    assert.equal(batches?.count, 1)
  })
})
