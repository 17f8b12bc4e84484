/** The time that a message bears itself, where one is found; nothing relies on it. */
import type { EpochMicros } from '@hawser/std'
import { JsonNumber, type JsonValue, openZone, parseTime } from '@hawser/streams'

const memberNames = ['timestamp', 'time', 'ts', 'date', 'datetime'] as const
const utc = openZone('UTC')
/** Seconds have fewer digits than this before the year 5138, milliseconds have more since 1973. */
const unixSecondsMax = 1e11

export function messageTime(value: JsonValue): EpochMicros | undefined {
  if (value === null || typeof value !== 'object' || !isObject(value)) return undefined
  for (const name of memberNames) {
    const member = value[name]
    if (member === undefined || member === null) continue
    const time = timeOf(member)
    // Before the epoch it is no time but a counter, a sentinel or a fault.
    return time !== undefined && time >= 0 ? time : undefined
  }
  return undefined
}

const isObject = (value: JsonValue & object): value is { readonly [name: string]: JsonValue } =>
  !Array.isArray(value) && !(value instanceof JsonNumber)

function timeOf(member: JsonValue): EpochMicros | undefined {
  if (typeof member === 'string') return parseTime(member, 'iso8601', utc)
  if (!(member instanceof JsonNumber)) return undefined
  const format = Math.abs(Number(member.text)) < unixSecondsMax ? 'unix-seconds' : 'unix-milliseconds'
  return parseTime(member.text, format, utc)
}
