/** Numbers and times as people read them. All figures come from the server; so does "now". */
const integer = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1, minimumFractionDigits: 1 })
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

export const none = '–'

export const whole = (value: number): string => integer.format(value)
export const short = (value: number): string => (value < 10_000 ? integer.format(value) : compact.format(value))
export const rate = (value: number): string => (value > 0 && value < 10 ? oneDigit.format(value) : short(value))
export const decimal = (value: number | null | undefined): string =>
  value === null || value === undefined ? none : oneDigit.format(value)
export const percent = (value: number | null | undefined): string =>
  value === null || value === undefined ? none : `${integer.format(value * 100)} %`

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const

export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log10(value) / 3))
  const scaled = value / 1000 ** power
  return `${power === 0 ? integer.format(scaled) : oneDigit.format(scaled)} ${byteUnits[power]}`
}

export function duration(seconds: number): string {
  if (seconds < 10) return `${oneDigit.format(seconds)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`
}

export const ago = (atMs: number, nowMs: number): string => {
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1000))
  return seconds < 2 ? 'now' : `${duration(seconds).replace('.0', '')} ago`
}

const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const minuteTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

export const timeOfDay = (atMs: number): string => clockTime.format(atMs)
export const timeOfMinute = (atMs: number): string => minuteTime.format(atMs)
