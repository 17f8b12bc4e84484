/** Local time of a zone ⇄ UTC, in microseconds. A local time is written as if it were UTC. */
import { HawserError } from '@hawser/std'

export interface Zone {
  readonly name: string
  /** An hour that exists twice is the first, one that does not exist is moved forward by the gap. [KPI, Time] */
  toUtc(localMicros: number): number
  toLocal(utcMicros: number): number
}

const microsPerSecond = 1_000_000
const microsPerDay = 86_400 * microsPerSecond
/** Zones change their offset on a quarter of an hour of UTC (since 1972). */
const slotMicros = 900 * microsPerSecond
const slotsCachedMax = 4096

const utc: Zone = { name: 'UTC', toUtc: (local) => local, toLocal: (micros) => micros }

/** Throws `CONFIG_INVALID` where the IANA database has no such zone. */
export function openZone(name: string): Zone {
  if (name === 'UTC') return utc
  const offsetAt = cached(offsetReader(name))
  return {
    name,
    toLocal: (micros) => micros + offsetAt(micros),
    toUtc(local) {
      const before = offsetAt(local - microsPerDay)
      const after = offsetAt(local + microsPerDay)
      // Where both offsets give a time that really is so called, the larger offset is the earlier instant.
      for (const offset of before >= after ? [before, after] : [after, before]) {
        if (offsetAt(local - offset) === offset) return local - offset
      }
      return local - before
    },
  }
}

type OffsetAt = (utcMicros: number) => number

function offsetReader(name: string): OffsetAt {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US-u-ca-iso8601', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    throw new HawserError('CONFIG_INVALID', `there is no time zone "${name}"`, {
      mend: 'name one of the IANA database, such as Europe/Berlin',
      cause,
    })
  }
  return (utcMicros) => {
    const seconds = Math.floor(utcMicros / microsPerSecond)
    const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
    for (const { type, value } of format.formatToParts(seconds * 1000)) part[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    return (Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - seconds) * microsPerSecond
  }
}

function cached(offsetAt: OffsetAt): OffsetAt {
  const bySlot = new Map<number, number>()
  return (utcMicros) => {
    const slot = Math.floor(utcMicros / slotMicros)
    let offset = bySlot.get(slot)
    if (offset === undefined) {
      offset = offsetAt(slot * slotMicros)
      if (bySlot.size >= slotsCachedMax) bySlot.clear()
      bySlot.set(slot, offset)
    }
    return offset
  }
}
