/** Planned working time: the shifts of a week, written in local time, as intervals of UTC. */
import type { Shift } from '../specification/types.ts'
import type { Zone } from './zone.ts'

/** [start, end) in microseconds. */
export interface Interval {
  readonly start: number
  readonly end: number
}

export interface WorkingTime {
  /** How much of [start, end) is working time. */
  overlapMicros(start: number, end: number): number
  contains(at: number): boolean
  /** The shift that contains `at`, or the stretch between two shifts that does. */
  stretchAt(at: number): Interval
}

const microsPerMinute = 60_000_000
const microsPerDay = 86_400_000_000
const daysCachedMax = 1024

export const minutesOfDay = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5))
/** 1 Monday … 7 Sunday; the epoch was a Thursday. */
const weekday = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1

export function workingTime(shifts: readonly Shift[], zone: Zone): WorkingTime {
  const byDay = new Map<number, readonly Interval[]>()

  function startingOn(day: number): readonly Interval[] {
    let intervals = byDay.get(day)
    if (intervals === undefined) {
      intervals = shifts.filter(({ days }) => days.includes(weekday(day))).map((shift) => onDay(shift, day))
      if (byDay.size >= daysCachedMax) byDay.clear()
      byDay.set(day, intervals)
    }
    return intervals
  }

  function onDay({ from, to }: Shift, day: number): Interval {
    const start = minutesOfDay(from)
    const end = minutesOfDay(to)
    const nextDay = end <= start ? 1 : 0
    return {
      start: zone.toUtc(day * microsPerDay + start * microsPerMinute),
      end: zone.toUtc((day + nextDay) * microsPerDay + end * microsPerMinute),
    }
  }

  /** All that touch [start, end], in order. A clock put forward can move one into the next: it is then cut. */
  function near(start: number, end: number): readonly Interval[] {
    const firstDay = Math.floor(zone.toLocal(start) / microsPerDay) - 2
    const lastDay = Math.floor(zone.toLocal(end) / microsPerDay) + 1
    const found: Interval[] = []
    for (let day = firstDay; day <= lastDay; day++) found.push(...startingOn(day))
    found.sort((a, b) => a.start - b.start)
    let until = Number.NEGATIVE_INFINITY
    const disjoint: Interval[] = []
    for (const interval of found) {
      const cut = { start: Math.max(interval.start, until), end: interval.end }
      if (cut.start < cut.end) disjoint.push(cut)
      until = Math.max(until, interval.end)
    }
    return disjoint
  }

  return {
    overlapMicros(start, end) {
      let sum = 0
      for (const shift of near(start, end)) {
        sum += Math.max(0, Math.min(end, shift.end) - Math.max(start, shift.start))
      }
      return sum
    },
    contains: (at) => near(at, at).some(({ start, end }) => start <= at && at < end),
    stretchAt(at) {
      // Shifts come back each week, so there is one on either side within eight days.
      let start = at - 8 * microsPerDay
      for (const shift of near(start, at + 8 * microsPerDay)) {
        if (shift.start > at) return { start, end: shift.start }
        if (shift.end > at) return shift
        start = shift.end
      }
      return { start, end: at + 8 * microsPerDay }
    },
  }
}

/** Without a calendar all time counts. */
export const alwaysWorking: Pick<WorkingTime, 'overlapMicros' | 'contains'> = {
  overlapMicros: (start, end) => end - start,
  contains: () => true,
}
