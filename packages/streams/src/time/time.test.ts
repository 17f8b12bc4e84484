import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HawserError } from '@hawser/std'
import fc from 'fast-check'
import type { Shift } from '../specification/types.ts'
import { workingTime } from './calendar.ts'
import { parseIso8601, parseTime } from './parse-time.ts'
import { shiftWindows, tumblingWindows } from './windows.ts'
import { openZone } from './zone.ts'

const utc = openZone('UTC')
const berlin = openZone('Europe/Berlin')
const micros = (text: string): number => Date.parse(text) * 1000
const hour = 3_600_000_000

describe('times', () => {
  const read: readonly (readonly [string, string, number])[] = [
    ['2025-06-18T10:47:25.054588', '2025-06-18T10:47:25.054Z', 588],
    ['2025-06-18 10:47:25', '2025-06-18T10:47:25Z', 0],
    ['2025-06-18T10:47', '2025-06-18T10:47:00Z', 0],
    ['2025-06-18T10:47:25.1234569+02:00', '2025-06-18T08:47:25.123Z', 456],
    ['2025-06-18T10:47:25-0330', '2025-06-18T14:17:25Z', 0],
    ['2025-06-18t10:47:25,5z', '2025-06-18T10:47:25.500Z', 0],
    ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999Z', 999],
    ['2024-02-29T00:00:00', '2024-02-29T00:00:00Z', 0],
  ]
  for (const [text, millis, rest] of read) {
    it(`reads ${text}`, () => assert.equal(parseIso8601(text, utc), micros(millis) + rest))
  }

  const refused = ['2025-02-29T00:00:00', '2025-13-01T00:00:00', '2025-06-18T24:00:00', '2025-06-18T23:59:60', '2025-06-18',
    '2025-06-18T10:47:25+2', '2025-06-18T10:47:25 Z', '18.06.2025 10:47', '9999-01-01T00:00:00', '2025-06-18T10:47:25+24:00'] // biome-ignore format: a table
  for (const text of refused) it(`takes no ${text}`, () => assert.equal(parseIso8601(text, utc), undefined))

  it('reads Unix seconds and milliseconds from their digits', () => {
    assert.equal(parseTime('1750248000', 'unix-seconds', utc), 1_750_248_000_000_000)
    assert.equal(parseTime('1750248000.1234569', 'unix-seconds', utc), 1_750_248_000_123_456)
    assert.equal(parseTime('1.750248e12', 'unix-milliseconds', utc), 1_750_248_000_000_000)
    assert.equal(parseTime('1e300', 'unix-seconds', utc), undefined)
    assert.equal(parseTime('now', 'unix-seconds', utc), undefined)
  })
})

describe('zones', () => {
  const local: readonly (readonly [string, string, string])[] = [
    ['summer', '2025-06-18 12:00:00', '2025-06-18T10:00:00Z'],
    ['winter', '2025-01-18 12:00:00', '2025-01-18T11:00:00Z'],
    ['an hour that exists twice is the first', '2025-10-26 02:30:00', '2025-10-26T00:30:00Z'],
    ['the hour after it', '2025-10-26 03:00:00', '2025-10-26T02:00:00Z'],
    ['an hour that does not exist is moved forward', '2025-03-30 02:30:00', '2025-03-30T01:30:00Z'],
    ['the hour after that', '2025-03-30 03:00:00', '2025-03-30T01:00:00Z'],
  ]
  for (const [what, text, expected] of local) {
    it(what, () => assert.equal(parseIso8601(text, berlin), micros(expected)))
  }

  it('go there and back, but for hours that exist twice', () => {
    const zones = ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu'].map(openZone)
    const seconds = fc.integer({ min: micros('1975-01-01T00:00:00Z') / 1e6, max: micros('2035-01-01T00:00:00Z') / 1e6 })
    fc.assert(
      fc.property(fc.constantFrom(...zones), seconds, (zone, at) => {
        const back = zone.toUtc(zone.toLocal(at * 1e6))
        assert.ok(back === at * 1e6 || zone.toLocal(back) === zone.toLocal(at * 1e6))
        assert.ok(back <= at * 1e6)
      }),
    )
  })

  it('unknown are refused', () => {
    assert.throws(
      () => openZone('Europe/Atlantis'),
      (error) => error instanceof HawserError && error.code === 'CONFIG_INVALID',
    )
  })
})

describe('calendar', () => {
  const all = [1, 2, 3, 4, 5, 6, 7]
  const shift = (name: string, days: readonly number[], from: string, to: string): Shift => ({ name, days, from, to })
  const night = workingTime([shift('night', all, '22:00', '06:00')], berlin)

  it('a night shift is eight hours, seven or nine when clocks move', () => {
    const length = (evening: string): number => {
      const { start, end } = night.stretchAt(micros(evening))
      return (end - start) / hour
    }
    assert.equal(length('2025-06-18T22:00:00Z'), 8)
    assert.equal(length('2025-03-29T22:00:00Z'), 7)
    assert.equal(length('2025-10-25T22:00:00Z'), 9)
  })

  it('counts only its days, half open', () => {
    const monday = workingTime([shift('day', [1], '08:00', '16:00')], utc)
    assert.equal(monday.overlapMicros(micros('2025-06-16T00:00:00Z'), micros('2025-06-23T00:00:00Z')), 8 * hour)
    assert.equal(monday.contains(micros('2025-06-16T08:00:00Z')), true)
    assert.equal(monday.contains(micros('2025-06-16T16:00:00Z')), false)
    assert.equal(monday.contains(micros('2025-06-17T09:00:00Z')), false)
  })

  it('a week is cut into shifts and stretches between, without holes', () => {
    const week = workingTime(
      [shift('a', [1, 2, 3, 4, 5], '06:00', '14:00'), shift('b', [1, 3], '14:00', '22:00')],
      berlin,
    )
    const windows = shiftWindows(week)
    const end = micros('2025-04-14T00:00:00Z')
    let [at, worked] = [micros('2025-03-17T00:00:00Z'), 0]
    const begin = at
    while (at < end) {
      const window = windows.at(at)
      assert.ok(window.start <= at && window.end > at)
      const inside = week.overlapMicros(window.start, window.end)
      assert.ok(inside === 0 || inside === window.end - window.start)
      worked += week.overlapMicros(Math.max(window.start, begin), Math.min(window.end, end))
      at = window.end
    }
    assert.equal(worked, week.overlapMicros(begin, end))
  })
})

describe('tumbling windows', () => {
  it('contain what they are asked for, also before the epoch', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), fc.integer({ min: 1, max: 2 ** 40 }), (at, length) => {
        const { start, end } = tumblingWindows(length).at(at)
        assert.ok(start <= at && at < end && end - start === length && Math.abs(start % length) === 0)
      }),
    )
  })
})
