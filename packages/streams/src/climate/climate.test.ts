import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { epochMicros } from '@hawser/std'
import { recompute, recomputeMissing } from '../testing/recompute.ts'
import { recordingPath, recordingRows } from '../testing/recordings.ts'
import { type ClimateValue, celsiusText, dewPoint, heatIndex, heatIndexFahrenheit } from './climate.ts'
import { type ClimateSample, emptyJoiner, joinClimate } from './joiner.ts'

const vectors = new URL('../../test-vectors/', import.meta.url)
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, vectors), 'utf8'))

interface Cell {
  readonly humidityPercent: number
}
interface HeatChart {
  readonly humidityPercent: readonly number[]
  readonly rows: readonly { readonly fahrenheit: number; readonly heatIndexFahrenheit: readonly number[] }[]
  readonly waived: readonly (Cell & { readonly fahrenheit: number; readonly reason: string })[]
}
interface DewTable {
  readonly toleranceCelsius: number
  readonly humidityPercent: readonly number[]
  readonly rows: readonly { readonly celsius: number; readonly dewPointCelsius: readonly number[] }[]
  readonly waived: readonly (Cell & { readonly celsius: number; readonly reason: string })[]
}

const celsius = (value: ClimateValue): number => {
  if (value.kind === 'flagged') throw new Error(value.reason)
  return value.celsius
}

describe('heat index', () => {
  const chart = read('heat-index-nws.json') as HeatChart

  for (const { fahrenheit, heatIndexFahrenheit: printed } of chart.rows) {
    it(`is as printed at ${fahrenheit} °F`, () => {
      printed.forEach((value, column) => {
        const humidity = chart.humidityPercent[column] ?? 0
        const waiver = chart.waived.find((cell) => cell.fahrenheit === fahrenheit && cell.humidityPercent === humidity)
        // The chart leaves the adjustment for humid air out: see its note.
        const adjustment = humidity > 85 && fahrenheit <= 87 ? ((humidity - 85) / 10) * ((87 - fahrenheit) / 5) : 0
        const difference = Math.abs(heatIndexFahrenheit(fahrenheit, humidity) - adjustment - value)
        // A waiver is held to its word: the cell must really differ, and by less than a degree.
        if (waiver === undefined) assert.ok(difference <= 0.5, `${humidity} %: ${difference}`)
        else assert.ok(difference > 0.5 && difference < 1, `${humidity} %: ${waiver.reason}`)
      })
    })
  }

  it('averages the simple formula with the temperature below 80 °F', () => {
    assert.equal(heatIndexFahrenheit(70, 50).toFixed(3), '69.050')
  })

  it('is adjusted for dry air below 13 %, from 80 to 112 °F', () => {
    const step = heatIndexFahrenheit(95, 12.999) - heatIndexFahrenheit(95, 9)
    assert.ok(step > 0.99, `${step}`)
    assert.equal(heatIndexFahrenheit(112, 5).toFixed(6), heatIndexFahrenheit(112.0000001, 5).toFixed(6))
  })

  it('is adjusted for humid air above 85 %, from 80 to 87 °F', () => {
    const unadjusted = (read('heat-index-nws.json') as HeatChart).rows[0]?.heatIndexFahrenheit.at(-2) ?? 0
    assert.equal(Math.round(heatIndexFahrenheit(80, 95) - 1.4), unadjusted)
    assert.ok(Math.abs(heatIndexFahrenheit(87, 100) - heatIndexFahrenheit(87.0000001, 100)) < 1e-5)
  })
})

describe('dew point', () => {
  const table = read('dew-point.json') as DewTable

  for (const { celsius: air, dewPointCelsius: printed } of table.rows) {
    it(`is as printed at ${air} °C`, () => {
      printed.forEach((value, column) => {
        const humidity = table.humidityPercent[column] ?? 0
        const waiver = table.waived.find((cell) => cell.celsius === air && cell.humidityPercent === humidity)
        const difference = Math.abs(celsius(dewPoint(air, humidity)) - value)
        if (waiver === undefined) assert.ok(difference <= table.toleranceCelsius, `${humidity} %: ${difference}`)
        else assert.ok(difference > table.toleranceCelsius && difference < 1.1, `${humidity} %: ${waiver.reason}`)
      })
    })
  }

  it('is the temperature of saturated air', () => {
    for (const air of [-20, 0, 20, 50]) assert.ok(Math.abs(celsius(dewPoint(air, 100)) - air) < 1e-9)
  })
})

describe('humidity outside (0, 100]', () => {
  for (const humidity of [0, -1, 100.0001, Number.NaN]) {
    it(`${humidity} is flagged`, () => {
      assert.deepEqual(dewPoint(20, humidity), { kind: 'flagged', reason: 'humidity-out-of-range' })
      assert.deepEqual(heatIndex(30, humidity), { kind: 'flagged', reason: 'humidity-out-of-range' })
    })
  }

  it('a temperature that is none is flagged too', () => {
    assert.equal(dewPoint(Number.NaN, 50).kind, 'flagged')
    assert.equal(dewPoint(-243.12, 50).kind, 'flagged')
  })
})

describe('climate recomputed', () => {
  const compare = (rows: readonly { readonly celsius: string; readonly humidity: string }[]): void => {
    const lines = recompute('climate', rows.map((row) => JSON.stringify(row)).join('\n'))
      .trim()
      .split('\n')
    assert.equal(lines.length, rows.length)
    rows.forEach((row, index) => {
      const [air, humidity] = [Number(row.celsius), Number(row.humidity)]
      const ours = [heatIndex(air, humidity), dewPoint(air, humidity)].map((v) => celsiusText(celsius(v)))
      assert.deepEqual(ours, JSON.parse(lines[index] ?? ''), JSON.stringify(row))
    })
  }

  it('equals it to the last digit over a grid with both adjustments', { skip: recomputeMissing }, () => {
    const rows = []
    for (let air = -20; air <= 50; air += 0.7) {
      for (let humidity = 1; humidity <= 100; humidity += 3.3) {
        rows.push({ celsius: air.toFixed(1), humidity: humidity.toFixed(1) })
      }
    }
    compare(rows)
  })

  const file = recordingPath('occupancy/datatest.csv')
  const missing = existsSync(file) ? false : `needs the recording ${file}`
  it('equals it for each row of the occupancy recording', { skip: missing || recomputeMissing }, () => {
    const rows = recordingRows(file).map(([, , air = '', humidity = '']) => ({ celsius: air, humidity }))
    assert.equal(rows.length, 2665)
    compare(rows)
  })
})

describe('joiner', () => {
  const second = 1_000_000
  const sample = (quantity: ClimateSample['quantity'], seconds: number, value: number): ClimateSample => ({
    quantity,
    at: epochMicros(seconds * second),
    value,
  })
  const join = (...samples: readonly ClimateSample[]) => {
    let state = emptyJoiner
    return samples.map((one) => {
      const [next, derived] = joinClimate(state, one, 30 * second)
      state = next
      return derived && { at: derived.at / second, dewPoint: derived.dewPoint, heatIndex: derived.heatIndex }
    })
  }

  it('waits for both, then derives with each sample', () => {
    const [first, second_, third] = join(
      sample('temperature', 1, 20),
      sample('humidity', 5, 50),
      sample('temperature', 9, 30),
    )
    assert.equal(first, undefined)
    assert.deepEqual(second_, { at: 5, dewPoint: dewPoint(20, 50), heatIndex: heatIndex(20, 50) })
    assert.deepEqual(third, { at: 9, dewPoint: dewPoint(30, 50), heatIndex: heatIndex(30, 50) })
  })

  it('derives at the age allowed and not beyond it', () => {
    assert.notEqual(join(sample('humidity', 0, 50), sample('temperature', 30, 20))[1], undefined)
    assert.equal(join(sample('humidity', 0, 50), sample('temperature', 30.000001, 20))[1], undefined)
  })

  it('leaves a sample aside that is older than the newest of its kind', () => {
    const derived = join(sample('humidity', 5, 50), sample('temperature', 9, 20), sample('temperature', 8, 99))
    assert.equal(derived[2], undefined)
    const after = join(
      sample('humidity', 5, 50),
      sample('temperature', 9, 20),
      sample('temperature', 8, 99),
      sample('humidity', 10, 60),
    )
    assert.deepEqual(after[3], { at: 10, dewPoint: dewPoint(20, 60), heatIndex: heatIndex(20, 60) })
  })

  it('flags what a humidity beyond 100 % gives', () => {
    assert.equal(join(sample('temperature', 0, 20), sample('humidity', 1, 101))[1]?.dewPoint.kind, 'flagged')
  })
})
