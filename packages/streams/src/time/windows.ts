/** Cuts time into the windows of a machine: half open, without holes. [KPI 5] */
import type { Interval, WorkingTime } from './calendar.ts'

export interface Windows {
  at(micros: number): Interval
}

/** Multiples of the length since the epoch in UTC. */
export const tumblingWindows = (lengthMicros: number): Windows => ({
  at(micros) {
    const start = micros - (((micros % lengthMicros) + lengthMicros) % lengthMicros)
    return { start, end: start + lengthMicros }
  },
})

/** A shift is a window, and so is what lies between two shifts. */
export function shiftWindows(calendar: WorkingTime): Windows {
  let last: Interval = { start: 0, end: 0 }
  return {
    at(micros) {
      if (micros < last.start || micros >= last.end) last = calendar.stretchAt(micros)
      return last
    },
  }
}
