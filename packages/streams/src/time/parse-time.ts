/** Written times → microseconds since the epoch, UTC. Made once, integers from there on. */
import { type EpochMicros, epochMicros } from '@hawser/std'
import { floorToScale, parseDecimal } from '../decimal/decimal.ts'
import type { TimeFormat } from '../specification/types.ts'
import type { Zone } from './zone.ts'

/** undefined where the text is no time of that format, or beyond what microseconds hold exactly (year 2255). */
export function parseTime(text: string, format: TimeFormat, zone: Zone): EpochMicros | undefined {
  switch (format) {
    case 'iso8601':
      return parseIso8601(text, zone)
    case 'unix-seconds':
      return parseUnix(text, 6)
    case 'unix-milliseconds':
      return parseUnix(text, 3)
    default:
      throw format satisfies never
  }
}

/** `scale`: how many decimal places of the unit make a microsecond; what is finer is cut. */
function parseUnix(text: string, scale: number): EpochMicros | undefined {
  const decimal = parseDecimal(text)
  return decimal === undefined ? undefined : exactMicros(Number(floorToScale(decimal, scale)))
}

const isoPattern =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)?$/

/**
 * ISO 8601 date and time, also with a blank for the `T` as recordings write it. An offset that is written wins over
 * the zone. Digits finer than a microsecond are cut. Leap seconds and 24:00 are no times of the Unix clock.
 */
export function parseIso8601(text: string, zone: Zone): EpochMicros | undefined {
  const match = isoPattern.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second = '0', fraction = '', utc, sign, offsetHour, offsetMinute] = match
  if (!isDate(Number(year), Number(month), Number(day))) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  if (Number(offsetHour ?? 0) > 23 || Number(offsetMinute ?? 0) > 59) return undefined

  const days = daysSinceEpoch(Number(year), Number(month), Number(day))
  const seconds = days * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second)
  const local = seconds * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0'))
  if (!Number.isSafeInteger(local)) return undefined
  if (utc !== undefined) return exactMicros(local)
  if (sign === undefined) return exactMicros(zone.toUtc(local))
  const offsetMicros = (Number(offsetHour) * 60 + Number(offsetMinute ?? 0)) * 60_000_000
  return exactMicros(sign === '-' ? local + offsetMicros : local - offsetMicros)
}

const exactMicros = (micros: number): EpochMicros | undefined =>
  Number.isSafeInteger(micros) ? epochMicros(micros) : undefined

function daysSinceEpoch(year: number, month: number, day: number): number {
  // Date.UTC takes the years 0 … 99 for 1900 … 1999; setUTCFullYear does not.
  return new Date(0).setUTCFullYear(year, month - 1, day) / 86_400_000
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  const daysInMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  return day <= daysInMonth
}
