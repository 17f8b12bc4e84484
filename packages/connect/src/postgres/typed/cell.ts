/** A field of a message as the value of a column, in PostgreSQL's text form. [KPI: Values] */
import { type Flag, JsonNumber, openZone, parseDecimal, parseTime } from '@hawser/streams'
import { fitsText } from '../rows/fits-jsonb.ts'
import type { ColumnDefinition, ColumnType } from './definition.ts'

export interface Cell {
  /** null: absent, or not of the column's type. A time is its microseconds. */
  readonly text: string | null
  readonly flag: Flag['reason'] | undefined
}

/** `value` is what JSON has: numbers as their text, or as a double where that is the same. */
export type CellReader = (value: unknown) => Cell

const absent: Cell = { text: null, flag: undefined }
const wrongType: Cell = { text: null, flag: 'wrong-type' }
const outOfRange: Cell = { text: null, flag: 'out-of-range' }
const good = (text: string): Cell => ({ text, flag: undefined })

export function cellReader(column: ColumnDefinition): CellReader {
  // The levels of a topic are text, whatever they say.
  const coerce = column.coerce === true || column.topicLevel !== undefined
  const read = readerOf(column, coerce)
  return (value) => (value === undefined || value === null ? absent : read(value))
}

function readerOf(column: ColumnDefinition, coerce: boolean): CellReader {
  const { type } = column
  switch (type) {
    case 'bigint':
    case 'integer':
    case 'double precision':
    case 'numeric':
      return numberReader(column, type, coerce)
    case 'boolean':
      return (value) => {
        if (typeof value === 'boolean') return good(value ? 't' : 'f')
        return coerce && (value === 'true' || value === 'false') ? good(value === 'true' ? 't' : 'f') : wrongType
      }
    case 'text':
      return (value) => (typeof value === 'string' && fitsText(value) ? good(value) : wrongType)
    case 'timestamptz':
      return timeReader(column, coerce)
    default:
      throw type satisfies never
  }
}

/** The text of a number; undefined where the value is none. */
function numberText(value: unknown, coerce: boolean): string | undefined {
  if (typeof value === 'number') return String(value)
  if (value instanceof JsonNumber) return value.text
  return coerce && typeof value === 'string' ? value.trim() : undefined
}

function numberReader(
  { min = -Infinity, max = Infinity }: ColumnDefinition,
  type: ColumnType,
  coerce: boolean,
): CellReader {
  const isInteger = type === 'bigint' || type === 'integer'
  const bits = type === 'integer' ? 31n : 63n
  return (value) => {
    const text = numberText(value, coerce)
    if (text === undefined) return wrongType
    let stored = text
    // The common case: JSON's doubles, which are exact here, are themselves.
    if (
      typeof value !== 'number' ||
      !(type === 'double precision' || (type === 'bigint' && Number.isSafeInteger(value)))
    ) {
      const decimal = parseDecimal(text)
      if (decimal === undefined) return wrongType
      if (isInteger) {
        const unit = 10n ** BigInt(decimal.scale)
        if (decimal.units % unit !== 0n) return wrongType
        const whole = decimal.units / unit
        if (whole < -(2n ** bits) || whole >= 2n ** bits) return outOfRange
        stored = String(whole)
      } else if (type === 'double precision' && !isDouble(text, decimal.units)) return outOfRange
    }
    const number = Number(text)
    return number < min || number > max ? { text: stored, flag: 'out-of-range' } : good(stored)
  }
}

/** The server refuses what overflows, and what is too small to be told from 0. */
const isDouble = (text: string, units: bigint): boolean =>
  Number.isFinite(Number(text)) && (Number(text) !== 0 || units === 0n)

function timeReader({ timeFormat = 'iso8601', zone = 'UTC' }: ColumnDefinition, coerce: boolean): CellReader {
  const opened = openZone(zone)
  return (value) => {
    const text = timeFormat === 'iso8601' ? value : numberText(value, coerce)
    const micros = typeof text === 'string' ? parseTime(text, timeFormat, opened) : undefined
    return micros === undefined ? wrongType : good(String(micros))
  }
}
