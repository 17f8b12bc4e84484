/** The time that a message bears itself, where one is found; nothing relies on it. */
import type { EpochMicros } from '@hawser/std'
import { openZone, parseTime } from '@hawser/streams'

const memberNames = ['timestamp', 'time', 'ts', 'date', 'datetime'] as const
const utc = openZone('UTC')
/** Seconds have fewer digits than this before the year 5138, milliseconds have more since 1973. */
const unixSecondsMax = 1e11

export function messageTime(message: unknown): EpochMicros | null {
  if (typeof message !== 'object' || message === null) return null
  for (const name of memberNames) {
    if (!Object.hasOwn(message, name)) continue
    const time = timeOf(Reflect.get(message, name))
    // Before the epoch it is no time but a counter, a sentinel or a fault.
    return time !== undefined && time >= 0 ? time : null
  }
  return null
}

function timeOf(member: unknown): EpochMicros | undefined {
  if (typeof member === 'string') return parseTime(member, 'iso8601', utc)
  if (typeof member !== 'number') return undefined
  return parseTime(String(member), Math.abs(member) < unixSecondsMax ? 'unix-seconds' : 'unix-milliseconds', utc)
}
