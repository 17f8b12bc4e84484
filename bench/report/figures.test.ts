import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { atLeastTimes, atMost, atMostTimes } from '../rows/row.ts'
import { isMet, spread } from './figures.ts'

describe('the figures of a table', () => {
  it('take the middle of the runs, not their mean', () => {
    assert.deepEqual(spread([100, 1, 3, 2, 4]), { median: 3, min: 1, max: 100 })
    assert.deepEqual(spread([4, 2]), { median: 3, min: 2, max: 4 })
    assert.equal(spread([]), undefined)
  })

  it('hold a bound against the figure or against Mosquitto', () => {
    assert.equal(isMet(atLeastTimes(5), 500, 100), true)
    assert.equal(isMet(atLeastTimes(5), 499, 100), false)
    assert.equal(isMet(atMostTimes(3), 301, 100), false)
    assert.equal(isMet(atMost(90), 90, undefined), true)
    assert.equal(isMet(atMost(90), 91, undefined), false)
  })

  it('give no verdict without a measurement', () => {
    assert.equal(isMet(atLeastTimes(5), 500, undefined), undefined)
    assert.equal(isMet(atMost(90), undefined, undefined), undefined)
  })
})
