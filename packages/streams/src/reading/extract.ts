/** Fields of one message → the values of a reading. What cannot be used is flagged, never guessed. */
import { celsiusText, dewPoint, heatIndex } from '../climate/climate.ts'
import {
  compareDecimals,
  type Decimal,
  exactInteger,
  parseDecimal,
  roundToScale,
  scaledToText,
} from '../decimal/decimal.ts'
import { JsonNumber, type JsonValue } from '../json/json.ts'
import { type JsonPath, valueAt } from '../json/path.ts'
import type { CounterReader, Machine, MeasureReader } from '../specification/machine.ts'
import type { MeasureField } from '../specification/types.ts'
import type { CounterReading, Flag, Reading } from './types.ts'

/** Finds a field; null and undefined are both absent. [KPI, Values] */
export type Lookup = (path: JsonPath) => JsonValue | undefined

/** An array's element is looked into first, then the message around it. */
export function lookupIn(item: JsonValue, message: JsonValue): Lookup {
  if (item === message) return (path) => valueAt(message, path)
  return (path) => valueAt(item, path) ?? valueAt(message, path)
}

export type Values = Pick<Reading, 'state' | 'alarm' | 'counters' | 'measures'>

export function extractValues(machine: Machine, lookup: Lookup, flags: Flag[]): Values {
  return {
    state: stateOf(machine, lookup),
    alarm: machine.alarmPath === undefined ? null : booleanOf(lookup(machine.alarmPath), 'alarm', flags),
    counters: machine.counters.map((reader) => counterOf(reader, lookup, flags)),
    measures: machine.measures.map((reader) => measureOf(reader, lookup, flags)),
  }
}

function stateOf({ state }: Machine, lookup: Lookup): Values['state'] {
  if (state === undefined) return null
  const text = scalarText(lookup(state.path))
  return text === undefined ? null : (state.classes.get(text) ?? null)
}

/** Text of a string, number or boolean. */
export function scalarText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value
  if (value instanceof JsonNumber) return value.text
  return typeof value === 'boolean' ? String(value) : undefined
}

function booleanOf(value: JsonValue | undefined, field: string, flags: Flag[]): boolean | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'boolean') return value
  flags.push({ field, reason: 'wrong-type' })
  return null
}

function counterOf({ field, path, scrapPath }: CounterReader, lookup: Lookup, flags: Flag[]): CounterReading {
  const { name, coerce } = field
  return {
    total: countOf(lookup(path), name, coerce, flags),
    scrap: scrapPath === undefined ? null : countOf(lookup(scrapPath), `${name}.scrap`, coerce, flags),
  }
}

const countMax = 2n ** 63n - 1n

function countOf(value: JsonValue | undefined, field: string, coerce: boolean, flags: Flag[]): bigint | null {
  const decimal = decimalOf(value, field, coerce, flags)
  if (decimal === null) return null
  const count = exactInteger(decimal)
  if (count !== undefined && count >= 0n && count <= countMax) return count
  flags.push({ field, reason: 'out-of-range' })
  return null
}

function measureOf(reader: MeasureReader, lookup: Lookup, flags: Flag[]): number | null {
  const { field, path, min, max, derive } = reader
  const measured = decimalOf(lookup(path), field.name, field.coerce, flags)
  if (measured === null) return null
  const decimal = derive === undefined ? measured : climateOf(measured, field, derive, lookup, flags)
  if (decimal === null) return null
  if (compareDecimals(decimal, min) < 0 || compareDecimals(decimal, max) > 0) {
    flags.push({ field: field.name, reason: 'out-of-range' })
    return null
  }
  // A measure's range is checked to be safe as a number.
  return Number(roundToScale(decimal, field.scale))
}

/** With the digits that the formula promises. */
function climateOf(
  celsius: Decimal,
  { name, coerce }: MeasureField,
  { formula, humidityPath }: NonNullable<MeasureReader['derive']>,
  lookup: Lookup,
  flags: Flag[],
): Decimal | null {
  const humidity = decimalOf(lookup(humidityPath), name, coerce, flags)
  if (humidity === null) return null
  const derived = climateFormulaOf[formula](numberOf(celsius), numberOf(humidity))
  if (derived.kind === 'value') return parseDecimal(celsiusText(derived.celsius)) ?? null
  flags.push({ field: name, reason: 'out-of-range' })
  return null
}

const numberOf = ({ units, scale }: Decimal): number => Number(scaledToText(units, scale))
const climateFormulaOf = { 'heat-index': heatIndex, 'dew-point': dewPoint } as const

function decimalOf(value: JsonValue | undefined, field: string, coerce: boolean, flags: Flag[]): Decimal | null {
  if (value === undefined || value === null) return null
  const text = numberText(value, coerce)
  const decimal = text === undefined ? undefined : parseDecimal(text)
  if (decimal !== undefined) return decimal
  // A JSON number that is no decimal of ours is only too large or too long.
  flags.push({ field, reason: value instanceof JsonNumber ? 'out-of-range' : 'wrong-type' })
  return null
}

export function numberText(value: JsonValue | undefined, coerce: boolean): string | undefined {
  if (value instanceof JsonNumber) return value.text
  return coerce && typeof value === 'string' ? value.trim() : undefined
}
