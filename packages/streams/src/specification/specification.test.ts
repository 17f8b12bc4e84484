import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HawserError } from '@hawser/std'
import factory from './factory.json' with { type: 'json' }
import { factorySpecification } from './factory.ts'
import { defineSpecification } from './specification.ts'

const { machine } = factory
const withMachine = (change: object): unknown => ({ ...factory, machine: { ...machine, ...change } })
const temperature = { name: 'temperature', path: 'temperature', unit: '°C', scale: 3, min: '-50', max: '200' }
const dewPoint = { formula: 'dew-point', humidityPath: 'h' }
const shifts = (...list: readonly object[]) => ({ shifts: list.map((shift) => ({ name: 's', days: [1], ...shift })) })

function faultOf(value: unknown): string {
  try {
    defineSpecification(value)
  } catch (error) {
    assert.ok(error instanceof HawserError && error.code === 'CONFIG_INVALID', String(error))
    return error.message
  }
  return 'none'
}

describe('specification', () => {
  const faults: readonly (readonly [string, unknown, RegExp])[] = [
    ['nothing', undefined, /the specification must be an object/],
    ['no version', { ...factory, version: undefined }, /version must be an integer from 1/],
    ['a name with blanks', { ...factory, name: 'My KPIs' }, /name must be 1 to 48/],
    ['a misspelt field', { ...factory, filtre: 'x' }, /filtre is not a known field/],
    ['a misspelt field deep within', withMachine({ time: { path: 't', fromat: 'iso8601' } }), /machine\.time\.fromat is not/],
    ['an unknown state class', withMachine({ state: { path: 's', classes: { A: 'busy' } } }), /machine\.state\.classes\.A must be/],
    ['a measure twice', withMachine({ measures: [temperature, temperature] }), /machine\.measures must have names of their own/],
    ['min above max', withMachine({ measures: [{ ...temperature, min: '201' }] }), /machine\.measures\[0\]\.min must not exceed/],
    ['a range as a number', withMachine({ measures: [{ ...temperature, max: 200 }] }), /machine\.measures\[0\]\.max must be/],
    ['a scale that 64 bits do not hold', withMachine({ measures: [{ ...temperature, scale: 12 }] }), /sums would not fit 64 bits/],
    ['a dew point to three decimals', withMachine({ measures: [{ ...temperature, derive: dewPoint }] }), /scale of a dew-point is at most 2/],
    ['an unknown formula', withMachine({ measures: [{ ...temperature, derive: { ...dewPoint, formula: 'wind-chill' } }] }), /derive\.formula must be one of heat-index, dew-point/],
    ['a window of no length', withMachine({ window: { kind: 'tumbling', micros: 0 } }), /machine\.window\.micros/],
    ['shift windows without a calendar', withMachine({ window: { kind: 'shift' } }), /of kind shift needs a calendar/],
    ['a gap of too many windows', withMachine({ gapMicros: 86_401_000_000 }), /gapMicros must not exceed 1440 windows/],
    ['shifts that overlap', withMachine({ calendar: shifts({ from: '06:00', to: '14:00' }, { from: '13:59', to: '22:00' }) }), /must not overlap/],
    ['shifts that overlap over the week', withMachine({ calendar: shifts({ days: [7], from: '22:00', to: '06:00' }, { from: '05:00', to: '06:00' }) }), /must not overlap/],
    ['a clock of 24 hours', withMachine({ calendar: shifts({ from: '06:00', to: '24:00' }) }), /must be HH:MM/],
    ['an eighth day', withMachine({ calendar: shifts({ days: [8], from: '06:00', to: '07:00' }) }), /days from 1/],
    ['lateness by name', withMachine({ latenessMicros: 'never' }), /machine\.latenessMicros must be an integer/],
    ['a fault of one machine', { ...factory, machines: { M1: { gapMicros: -1 } } }, /machines\.M1\.gapMicros/],
    ['an unknown zone', withMachine({ zone: 'Mars/Olympus' }), /no time zone "Mars\/Olympus"/],
  ] // biome-ignore format: a table
  for (const [what, value, expected] of faults) {
    it(`refuses ${what}`, () => assert.match(faultOf(value), expected))
  }

  it('names several faults at once, and says how many more there are', () => {
    assert.match(faultOf({}), /name must .*; version must .*; and \d+ more/)
  })

  it('takes shifts that touch', () => {
    const calendar = shifts({ from: '06:00', to: '14:00' }, { from: '14:00', to: '06:00' })
    assert.equal(faultOf(withMachine({ calendar })), 'none')
  })

  it('of the factory is valid, fills in defaults, and defines itself again', () => {
    const { data } = factorySpecification
    assert.equal(data.machine.retainedMax, 512)
    assert.equal(data.machine.measures[0]?.coerce, false)
    assert.deepEqual(defineSpecification(JSON.parse(JSON.stringify(data))).data, data)
  })

  it('gives a machine of its own only what it names', () => {
    const specification = defineSpecification({
      ...factory,
      machines: { M1: { gapMicros: 1_000_000, zone: 'Asia/Tokyo' } },
    })
    assert.equal(specification.machine('M1').definition.gapMicros, 1_000_000)
    assert.equal(specification.machine('M1').zone.name, 'Asia/Tokyo')
    assert.deepEqual(specification.machine('M1').definition.window, specification.machine('M2').definition.window)
    assert.equal(specification.machine('M2').definition.gapMicros, 15_000_000)
    assert.equal(specification.machine('constructor').definition, specification.data.machine)
  })
})
