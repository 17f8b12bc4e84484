/** The facts of a walk, split at window edges and added up per window. */
import type { Reading } from '../reading/types.ts'
import type { Machine } from '../specification/machine.ts'
import type { StateClass } from '../specification/types.ts'
import type { AlarmEdge, Sealed, WindowValue } from './types.ts'
import { type CounterKind, emptyCarry, type FactVisitor, visitOpenSegment, walk } from './walk.ts'
import { WindowTally } from './window-tally.ts'

export class Tallies implements FactVisitor {
  readonly alarmEdges = new Map<string, AlarmEdge>()
  readonly #machine: Machine
  readonly #from: number
  readonly #byStart = new Map<number, WindowTally>()

  /** Facts before `from`, the start of a window, are left out. */
  constructor(machine: Machine, from: number) {
    this.#machine = machine
    this.#from = from
  }

  /** By the start of the window. */
  values(): Map<number, WindowValue> {
    return new Map(Array.from(this.#byStart, ([start, tally]) => [start, tally.value()]))
  }

  goOnFrom(partial: WindowValue): void {
    if (partial.windowStart >= this.#from) {
      this.#byStart.set(partial.windowStart, WindowTally.from(this.#machine, partial))
    }
  }

  reading(reading: Reading): void {
    this.#at(reading)?.addReading(reading)
  }

  segment(start: number, end: number, state: StateClass): void {
    let at = Math.max(start, this.#from)
    while (at < end) {
      const tally = this.#tallyAt(at)
      const until = Math.min(end, tally.windowEnd)
      tally.addTime(at, until, state)
      at = until
    }
  }

  increase(reading: Reading, counter: number, kind: CounterKind, amount: bigint, apart: boolean): void {
    this.#at(reading)?.addIncrease(counter, kind, amount, apart)
  }

  reset(reading: Reading): void {
    this.#at(reading)?.addReset()
  }

  jump(reading: Reading): void {
    this.#at(reading)?.addJump()
  }

  alarmEdge(reading: Reading): void {
    const tally = this.#at(reading)
    if (tally === undefined) return
    tally.addAlarmEdge()
    this.alarmEdges.set(reading.eventId, { eventId: reading.eventId, eventTime: reading.eventTime })
  }

  #at({ eventTime }: Reading): WindowTally | undefined {
    return eventTime < this.#from ? undefined : this.#tallyAt(eventTime)
  }

  #tallyAt(micros: number): WindowTally {
    const window = this.#machine.windows.at(micros)
    let tally = this.#byStart.get(window.start)
    if (tally === undefined) {
      tally = new WindowTally(this.#machine, window)
      this.#byStart.set(window.start, tally)
    }
    return tally
  }
}

/** All windows from `from` on, of what was sealed and the readings behind it. */
export function tallyAll(machine: Machine, sealed: Sealed | null, readings: readonly Reading[], from: number): Tallies {
  const tallies = new Tallies(machine, from)
  if (sealed !== null) tallies.goOnFrom(sealed.partial)
  const carry = walk(machine, sealed?.carry ?? emptyCarry, readings, tallies)
  visitOpenSegment(machine, carry, tallies)
  return tallies
}
