/** What may not happen to a broker under any attack, in words. */
import type { Watched } from './watched.ts'

export interface Seen {
  readonly stallMsMax: number
  readonly idleStallMsMax: number
  /** Messages of the well-behaved client that came back to it. */
  readonly exchanged: number
}

const toldMax = 5

export function* alarmsOf(
  { stallMsMax, idleStallMsMax, exchanged }: Seen,
  broker: Watched,
  complaints: readonly string[],
  stallMsAllowed: number,
): Iterable<string> {
  if (broker.end !== undefined) yield `crash: the broker ended with ${broker.end}`
  for (const fault of broker.faults.slice(0, toldMax)) yield `fault: ${fault}`
  for (const complaint of complaints.slice(0, toldMax)) yield `disturbed: a well-behaved client says: ${complaint}`
  if (exchanged === 0) yield 'disturbed: the well-behaved client exchanged nothing'
  const stallMs = stallMsMax - idleStallMsMax
  if (stallMs > stallMsAllowed)
    yield `stall: the event loop stood still ${Math.round(stallMs)} ms longer than that of an idle process`
}
