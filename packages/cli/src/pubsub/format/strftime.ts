/** strftime(3) in the C locale, one conversion at a time, and the times that %I, %U, %j and @N print. */

/** Wall time in microseconds since 1970. */
export interface Instant {
  readonly date: Date
  readonly micros: number
}

export function instantOf(epochMicros: number): Instant {
  return { date: new Date(Math.floor(epochMicros / 1000)), micros: ((epochMicros % 1_000_000) + 1_000_000) % 1_000_000 }
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
]
const dayMs = 86_400_000

const two = (value: number, fill = '0'): string => String(value).padStart(2, fill)
const hour12 = (date: Date): number => date.getHours() % 12 || 12
const epochSeconds = (date: Date): number => Math.floor(date.getTime() / 1000)
const midnightUtc = (date: Date): number => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
const dayOfYear = (date: Date): number => (midnightUtc(date) - Date.UTC(date.getFullYear(), 0, 1)) / dayMs

/** Weeks since the first one that begins with `weekday` this year. */
const weekOfYear = (date: Date, weekday: number): number =>
  Math.floor((dayOfYear(date) + 7 - ((date.getDay() + 7 - weekday) % 7)) / 7)

/** ISO 8601: a week belongs to the year of its Thursday. */
function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(midnightUtc(date) + (4 - (date.getDay() || 7)) * dayMs)
  const year = thursday.getUTCFullYear()
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / dayMs / 7) + 1 }
}

function zoneOffset(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`
}

function zoneName(date: Date): string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' })
  return format.formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? ''
}

const all = (date: Date, text: string): string => text.replace(/%(.)/g, (_, letter: string) => strftime(letter, date))

type Conversion = (date: Date) => string

const conversions: Readonly<Record<string, Conversion>> = {
  a: (date) => (days[date.getDay()] ?? '').slice(0, 3),
  A: (date) => days[date.getDay()] ?? '',
  b: (date) => (months[date.getMonth()] ?? '').slice(0, 3),
  B: (date) => months[date.getMonth()] ?? '',
  c: (date) => all(date, '%a %b %e %T %Y'),
  C: (date) => two(Math.floor(date.getFullYear() / 100)),
  d: (date) => two(date.getDate()),
  D: (date) => all(date, '%m/%d/%y'),
  e: (date) => two(date.getDate(), ' '),
  F: (date) => all(date, '%Y-%m-%d'),
  g: (date) => two(isoWeek(date).year % 100),
  G: (date) => String(isoWeek(date).year),
  h: (date) => strftime('b', date),
  H: (date) => two(date.getHours()),
  I: (date) => two(hour12(date)),
  j: (date) => String(dayOfYear(date) + 1).padStart(3, '0'),
  k: (date) => two(date.getHours(), ' '),
  l: (date) => two(hour12(date), ' '),
  m: (date) => two(date.getMonth() + 1),
  M: (date) => two(date.getMinutes()),
  n: () => '\n',
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  P: (date) => (date.getHours() < 12 ? 'am' : 'pm'),
  r: (date) => all(date, '%I:%M:%S %p'),
  R: (date) => all(date, '%H:%M'),
  s: (date) => String(epochSeconds(date)),
  S: (date) => two(date.getSeconds()),
  t: () => '\t',
  T: (date) => all(date, '%H:%M:%S'),
  u: (date) => String(date.getDay() || 7),
  U: (date) => two(weekOfYear(date, 0)),
  V: (date) => two(isoWeek(date).week),
  w: (date) => String(date.getDay()),
  W: (date) => two(weekOfYear(date, 1)),
  x: (date) => all(date, '%m/%d/%y'),
  X: (date) => all(date, '%H:%M:%S'),
  y: (date) => two(date.getFullYear() % 100),
  Y: (date) => String(date.getFullYear()),
  z: zoneOffset,
  Z: zoneName,
  '%': () => '%',
}

/** What strftime does not know it prints as it stands. */
export function strftime(letter: string, date: Date): string {
  return Object.hasOwn(conversions, letter) ? (conversions[letter]?.(date) ?? '') : `%${letter}`
}

const sixDigits = (micros: number): string => String(micros).padStart(6, '0')

export const nanoseconds = ({ micros }: Instant): string => `${sixDigits(micros)}000`
export const isoTime = ({ date }: Instant): string => all(date, '%FT%T%z')
export const unixTime = (instant: Instant): string => `${epochSeconds(instant.date)}.${nanoseconds(instant)}`
/** As the JSON formats have it, with both a Z and an offset. */
export const jsonTime = ({ date, micros }: Instant): string => all(date, `%FT%T.${sixDigits(micros)}Z%z`)
