import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { Watchdog, watchdogLimits } from './watchdog.ts'

const { askMs, unansweredMax, unansweredStartingMax } = watchdogLimits

function watch(isReady: boolean) {
  const clock = new ManualClock()
  const seen = { asked: 0, silent: 0 }
  const watchdog = new Watchdog({
    clock,
    ask: () => seen.asked++,
    isReady: () => isReady,
    onSilent: () => seen.silent++,
  })
  return { clock, seen, watchdog }
}

describe('watchdog', () => {
  it('calls once, when so many questions in a row had no answer', () => {
    const { clock, seen } = watch(true)
    clock.advance(askMs * unansweredMax)
    assert.deepEqual(seen, { asked: unansweredMax, silent: 0 })
    clock.advance(askMs * 100)
    assert.deepEqual(seen, { asked: unansweredMax, silent: 1 })
  })

  it('begins to count anew with each answer', () => {
    const { clock, seen, watchdog } = watch(true)
    for (let round = 0; round < 10; round++) {
      clock.advance(askMs * unansweredMax)
      watchdog.answered()
    }
    assert.equal(seen.silent, 0)
  })

  it('is more patient with what is only starting', () => {
    const { clock, seen } = watch(false)
    clock.advance(askMs * unansweredStartingMax)
    assert.equal(seen.silent, 0)
    clock.advance(askMs)
    assert.equal(seen.silent, 1)
  })

  it('asks nobody any more when it is disposed of', () => {
    const { clock, seen, watchdog } = watch(true)
    watchdog[Symbol.dispose]()
    clock.advance(askMs * 100)
    assert.deepEqual(seen, { asked: 0, silent: 0 })
  })
})
